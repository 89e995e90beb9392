//! The products that shipped a MAPI, and which fixes each had (mapi 3.6).
//!
//! Where the article gives a `mapi32.dll` version as the threshold, it is used. Exchange 2003's two numbers are the
//! builds of its releases (6.5.6944 RTM, 6.5.7226 SP1), which the article names without a number; a product is best
//! named by its name there.

use super::rules::Algorithm;

/// A product with a MAPI of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// Exchange 5.5 before KB 818861.
    Exchange55,
    /// Exchange 5.5 with KB 818861: both fixes in one patch.
    Exchange55Kb818861,
    /// Exchange 2000 before KB 817375.
    Exchange2000,
    /// Exchange 2000 with KB 817375: fix 1; fix 2 was never ported.
    Exchange2000Kb817375,
    /// Exchange 2003 as released: fix 1.
    Exchange2003Rtm,
    /// Exchange 2003 SP1: both fixes.
    Exchange2003Sp1,
    /// Outlook, every version in the article: neither fix.
    Outlook,
    /// The Exchange MAPI and CDO download of June 2008: both fixes and the fallback.
    ExchangeMapi2008,
}

impl Product {
    /// All of them, in the order of the article's list.
    pub const ALL: [Product; 8] = [
        Product::Exchange55,
        Product::Exchange55Kb818861,
        Product::Exchange2000,
        Product::Exchange2000Kb817375,
        Product::Exchange2003Rtm,
        Product::Exchange2003Sp1,
        Product::Outlook,
        Product::ExchangeMapi2008,
    ];

    /// Its name in scenario files.
    pub const fn id(self) -> &'static str {
        match self {
            Product::Exchange55 => "exchange-5.5",
            Product::Exchange55Kb818861 => "exchange-5.5-818861",
            Product::Exchange2000 => "exchange-2000",
            Product::Exchange2000Kb817375 => "exchange-2000-817375",
            Product::Exchange2003Rtm => "exchange-2003-rtm",
            Product::Exchange2003Sp1 => "exchange-2003-sp1",
            Product::Outlook => "outlook",
            Product::ExchangeMapi2008 => "exchange-mapi-2008",
        }
    }

    /// The product of that name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.id() == id)
    }

    /// Which algorithm it has.
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Product::Exchange55 | Product::Exchange2000 | Product::Outlook => Algorithm::Original,
            Product::Exchange2000Kb817375 | Product::Exchange2003Rtm => Algorithm::SidSuffix,
            Product::Exchange55Kb818861 | Product::Exchange2003Sp1 => Algorithm::Patched,
            Product::ExchangeMapi2008 => Algorithm::Patched2008,
        }
    }

    /// The `mapi32.dll` version it begins with; `None` where the sources give none.
    pub const fn since(self) -> Option<DllVersion> {
        match self {
            Product::Exchange55 => Some(DllVersion([5, 5, 0, 0])),
            Product::Exchange55Kb818861 => Some(DllVersion([5, 5, 2657, 50])),
            Product::Exchange2000 => Some(DllVersion([6, 0, 0, 0])),
            Product::Exchange2000Kb817375 => Some(DllVersion([6, 0, 6448, 0])),
            Product::Exchange2003Rtm => Some(DllVersion([6, 5, 6944, 0])),
            Product::Exchange2003Sp1 => Some(DllVersion([6, 5, 7226, 0])),
            Product::ExchangeMapi2008 => Some(DllVersion([6, 5, 8022, 0])),
            Product::Outlook => None,
        }
    }

    /// What the sources say of it.
    pub const fn evidence(self) -> &'static str {
        match self {
            Product::Exchange55 => "article: before 5.5.2657.50",
            Product::Exchange55Kb818861 => "article, KB 818861: 5.5.2657.50 or greater has both",
            Product::Exchange2000 => "article: bug 1 was first reported here",
            Product::Exchange2000Kb817375 => "article, KB 817375: 6.0.6448.0; fix 2 not ported",
            Product::Exchange2003Rtm => "article: bug 1 was discovered in time for RTM",
            Product::Exchange2003Sp1 => "article: fix 2 is in SP1",
            Product::Outlook => "article: neither fix is in any version",
            Product::ExchangeMapi2008 => {
                "author's post of 2 June 2008: 06.05.8022.0, global first, else local"
            }
        }
    }

    /// The product that a `mapi32.dll` of this version belongs to; `None` for a branch that the sources do not speak of.
    pub fn of_version(version: DllVersion) -> Option<Self> {
        let branch = |product: &Product| product.since().is_some_and(|since| since.0[..2] == version.0[..2]);
        let reached = |product: &Product| product.since().is_some_and(|since| since <= version);
        Self::ALL.into_iter().filter(branch).filter(reached).max_by_key(|product| product.since())
    }
}

/// The version of a file: four numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DllVersion(pub [u16; 4]);

impl std::str::FromStr for DllVersion {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let mut numbers = [0; 4];
        let mut parts = text.split('.');
        for number in &mut numbers {
            let part = parts.next().ok_or(BadVersion)?;
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(BadVersion);
            }
            *number = part.parse().map_err(|_| BadVersion)?;
        }
        if parts.next().is_some() { Err(BadVersion) } else { Ok(DllVersion(numbers)) }
    }
}

impl std::fmt::Display for DllVersion {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d] = self.0;
        write!(out, "{a}.{b}.{c}.{d}")
    }
}

/// A text is not four numbers, each 0 to 65535, with dots between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadVersion;

impl std::fmt::Display for BadVersion {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(
            "a version is four numbers, each 0 to 65535, with dots between them, such as 5.5.2657.50",
        )
    }
}

impl std::error::Error for BadVersion {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_tells_the_product_and_so_the_fixes() {
        for (version, product) in [
            ("5.5.2657.49", Some(Product::Exchange55)),
            ("5.5.2657.50", Some(Product::Exchange55Kb818861)),
            ("5.5.2658.0", Some(Product::Exchange55Kb818861)),
            ("6.0.6447.9", Some(Product::Exchange2000)),
            ("6.0.6448.0", Some(Product::Exchange2000Kb817375)),
            ("6.5.6944.0", Some(Product::Exchange2003Rtm)),
            ("6.5.7226.0", Some(Product::Exchange2003Sp1)),
            ("6.05.8022.0", Some(Product::ExchangeMapi2008)),
            ("6.5.1.0", None),
            ("4.0.0.0", None),
        ] {
            assert_eq!(Product::of_version(version.parse().unwrap()), product, "{version}");
        }
    }

    #[test]
    fn a_version_is_four_numbers() {
        for text in ["", "5.5", "5.5.2657", "5.5.2657.50.1", "5.5.x.1", "5..5.1", "5.5.70000.1", "+5.5.1.1"] {
            assert_eq!(text.parse::<DllVersion>(), Err(BadVersion), "{text}");
        }
        assert_eq!("06.05.8022.0".parse::<DllVersion>().unwrap().to_string(), "6.5.8022.0");
    }

    #[test]
    fn the_products_have_the_fixes_that_the_article_lists() {
        let fixes = |product: Product| product.algorithm().id();
        assert_eq!(
            Product::ALL.map(fixes),
            [
                "original",
                "patched",
                "original",
                "sid-suffix",
                "sid-suffix",
                "patched",
                "original",
                "patched-2008"
            ]
        );
    }
}
