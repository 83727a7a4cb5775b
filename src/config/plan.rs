//! `[plan]`: the thresholds of the rules about plans.

use toml_edit::{Item, TableLike};

use super::read::Reader;
use crate::capture::{PlanSettings, Setting, Target, Targets};

impl Reader<'_> {
    pub(super) fn plan(&mut self, table: &dyn TableLike, settings: &mut PlanSettings) {
        for (key, item) in self.entries(table) {
            if key.get() == "targets" {
                if let Some(table) = self.table(key, item) {
                    self.targets(table, &mut settings.targets);
                }
                continue;
            }
            match PlanSettings::KEYS.iter().find(|(name, _)| *name == key.get()) {
                Some((_, setting)) => self.plan_setting(item, *setting, settings),
                None => {
                    let known: Vec<&str> =
                        PlanSettings::KEYS.iter().map(|(name, _)| *name).chain(["targets"]).collect();
                    self.unknown(self.key_span(key), "key", key.get(), &known, Some("pglint init lists all"));
                }
            }
        }
    }

    fn plan_setting(&mut self, item: &Item, setting: Setting, settings: &mut PlanSettings) {
        match setting {
            Setting::Share(of) => {
                if let Some(share) = self.expect(item, "a part of 1, from 0 to 1", |item| number(item, 1.0)) {
                    *of(settings) = share;
                }
            }
            Setting::Number(of) => {
                if let Some(value) = self.expect(item, "a number from 0", |item| number(item, f64::MAX)) {
                    *of(settings) = value;
                }
            }
            Setting::Whole(of) => {
                let whole = |item: &Item| u64::try_from(item.as_integer()?).ok();
                if let Some(value) = self.expect(item, "a whole number from 0", whole) {
                    *of(settings) = value;
                }
            }
        }
    }

    fn targets(&mut self, table: &dyn TableLike, targets: &mut Targets) {
        for (key, item) in self.entries(table) {
            let Some((_, of)) = Targets::KEYS.iter().find(|(name, _)| *name == key.get()) else {
                let known: Vec<&str> = Targets::KEYS.iter().map(|(name, _)| *name).collect();
                self.unknown(self.key_span(key), "kind of statement", key.get(), &known, None);
                continue;
            };
            if let Some(target) = self.expect(item, "an aim and a limit in ms, as in [10, 50]", target) {
                *of(targets) = target;
            }
        }
    }
}

pub(super) fn number(item: &Item, most: f64) -> Option<f64> {
    let number = item.as_float().or_else(|| item.as_integer().map(|whole| whole as f64))?;
    (0.0..=most).contains(&number).then_some(number)
}

fn target(item: &Item) -> Option<Target> {
    let list = item.as_array().filter(|list| list.len() == 2)?;
    let ms = |at: usize| {
        let value = list.get(at)?;
        value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64)).filter(|ms| *ms >= 0.0)
    };
    let (good, acceptable) = (ms(0)?, ms(1)?);
    (good <= acceptable).then_some(Target { good, acceptable })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{TEMPLATE, read};
    use crate::source::FileId;

    #[test]
    fn the_template_shows_the_defaults() {
        let (_, plan) = TEMPLATE.split_once("[plan]\n").unwrap();
        let (plan, _) = plan.split_once("# From which figures on something in the statistics").unwrap();
        let lines =
            plan.lines().map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line));
        let text = format!("[plan]\n{}", lines.collect::<Vec<_>>().join("\n"));
        let (config, mistakes) = read(std::path::Path::new("/p/pglint.toml"), FileId(0), &text, &[]);
        assert_eq!(mistakes, []);
        assert_eq!(config.plan, PlanSettings::default());
        let all = PlanSettings::KEYS.iter().map(|(name, _)| name).chain(Targets::KEYS.iter().map(|(name, _)| name));
        for key in all {
            assert!(text.contains(&format!("\n{key} = ")), "{key}");
        }
    }
}
