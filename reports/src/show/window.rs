//! Which part of a run is told: from one step to another, or around the cause and the symptom.
//!
//! Invariants
//! - Parts are in order, within the run, and none touches the next.

use mapisim_model::finding::Finding;

/// What was asked for. Nothing: the whole story.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The first step that is told.
    pub from: Option<usize>,
    /// The last step that is told.
    pub to: Option<usize>,
    /// How many steps are told before and after the cause, and before and after the symptom.
    pub context: Option<usize>,
}

/// Parts with no more steps between them than this are one.
const GAP_MAX: usize = 2;

impl Window {
    /// Whether only a part is asked for.
    pub fn is_part(self) -> bool {
        self != Window::default()
    }

    /// First and last step of each part of a run of so many steps; none where all of it is told.
    ///
    /// # Errors
    /// In words: steps that the run does not have, or a cause that is not there.
    pub fn parts(
        self,
        steps: usize,
        finding: Option<&Finding>,
    ) -> Result<Option<Vec<(usize, usize)>>, String> {
        if let Some(context) = self.context {
            let finding = finding.ok_or(
                "--context: nothing breaks in this run, so there is no cause to look around; --from and --to take steps",
            )?;
            let around =
                |step: usize| (step.saturating_sub(context).max(1), step.saturating_add(context).min(steps));
            let mut parts: Vec<(usize, usize)> = Vec::new();
            for (first, last) in [Some(finding.cause), finding.symptom].into_iter().flatten().map(around) {
                match parts.last_mut().filter(|part| first <= part.1 + 1 + GAP_MAX) {
                    Some(part) => part.1 = part.1.max(last),
                    None if first <= last => parts.push((first, last)),
                    None => {}
                }
            }
            return Ok(Some(parts));
        }
        if !self.is_part() {
            return Ok(None);
        }
        let (first, last) = (self.from.unwrap_or(1), self.to.unwrap_or(steps));
        let outside = |flag: &str, step: usize| format!("{flag} {step}: the run has the steps 1 to {steps}");
        if first < 1 || first > steps {
            return Err(outside("--from", first));
        }
        if last < 1 {
            return Err(outside("--to", last));
        }
        if last < first {
            return Err(format!("--from {first} --to {last}: the last step comes before the first"));
        }
        Ok(Some(vec![(first, last.min(steps))]))
    }
}
