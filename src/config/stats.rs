//! `[stats]`: the thresholds of the rules about statistics.

use toml_edit::TableLike;

use super::plan::number;
use super::read::Reader;
use crate::stats::StatsSettings;

impl Reader<'_> {
    pub(super) fn stats(&mut self, table: &dyn TableLike, settings: &mut StatsSettings) {
        for (key, item) in self.entries(table) {
            let Some((_, of)) = StatsSettings::KEYS.iter().find(|(name, _)| *name == key.get()) else {
                let known: Vec<&str> = StatsSettings::KEYS.iter().map(|(name, _)| *name).collect();
                self.unknown(self.key_span(key), "key", key.get(), &known, Some("pglint init lists all"));
                continue;
            };
            if let Some(value) = self.expect(item, "a number from 0", |item| number(item, f64::MAX)) {
                *of(settings) = value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{TEMPLATE, read};
    use crate::source::FileId;

    #[test]
    fn the_template_shows_the_defaults() {
        let (_, stats) = TEMPLATE.split_once("[stats]\n").unwrap();
        let (stats, _) = stats.split_once("\n\n").unwrap();
        let lines: Vec<&str> = stats.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
        let text = format!("[stats]\n{}", lines.join("\n"));
        let (config, mistakes) = read(std::path::Path::new("/p/pglint.toml"), FileId(0), &text, &[]);
        assert_eq!(mistakes, []);
        assert_eq!(config.stats, StatsSettings::default());
        for (key, _) in StatsSettings::KEYS {
            assert!(text.contains(&format!("\n{key} = ")), "{key}");
        }
    }
}
