//! Text in Markdown: whatever a name is, it stays text.

use mapisim_model::scenario::visible::visible;

/// A text outside code, with nothing in it that Markdown, GitHub or GitLab would take for syntax, a mention or a link.
pub fn text(text: &str) -> String {
    let text = visible(text);
    let letters: Vec<char> = text.chars().collect();
    let mut escaped = String::with_capacity(text.len());
    for (index, letter) in letters.iter().enumerate() {
        let word = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphanumeric());
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '@' => escaped += "&#64;",
            '#' => escaped += "&#35;",
            '$' => escaped += "&#36;",
            ':' if letters.get(index + 1) == Some(&'/') => escaped += "&#58;",
            // Inside a word it means nothing.
            '_' if word(index.checked_sub(1)) && word(Some(index + 1)) => escaped.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => escaped.extend(['\\', *letter]),
            other => escaped.push(*other),
        }
    }
    escaped
}

/// A text as code, for prose and tables.
pub fn code(text: &str) -> String {
    let text = visible(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 || text.is_empty() || text.trim() != text { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

/// A block of code.
pub fn block(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup_a_mention_or_a_link() {
        assert_eq!(text("<b> [x](y) *a* `c` |"), "&lt;b&gt; \\[x\\](y) \\*a\\* \\`c\\` \\|");
        assert_eq!(text("@all #1 https://x a\\b"), "&#64;all &#35;1 https&#58;//x a\\\\b");
        assert_eq!(text("MAPI_E_CALL_FAILED _x_"), "MAPI_E_CALL_FAILED \\_x\\_");
    }

    #[test]
    fn code_stays_code_whatever_backticks_are_in_it() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("``x"), "``` ``x ```");
        assert_eq!(block("text", "a\n```\nb\n"), "````text\na\n```\nb\n````\n");
    }
}
