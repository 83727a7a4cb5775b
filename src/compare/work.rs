//! What a plan costs, and when more of it is too much.

use crate::capture::Plan;

/// What a plan took, as far as the capture tells.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Work {
    /// ms, planning left out.
    pub time: Option<f64>,
    /// Blocks of tables and indexes that were touched, found in the cache or not.
    pub pages: Option<f64>,
    /// Of those the ones that were not in shared_buffers.
    pub read: Option<f64>,
    /// Temporary blocks written.
    pub temp: Option<f64>,
    /// The planner's estimate of the whole.
    pub cost: Option<f64>,
    /// Rows returned.
    pub rows: Option<f64>,
}

impl Work {
    /// What a plan took.
    pub fn of(plan: &Plan) -> Work {
        let root = plan.root().get();
        let buffers = root.buffers.as_deref();
        let buffers = buffers.filter(|_| plan.is_analyzed());
        Work {
            time: plan.total_time(),
            pages: buffers.map(|buffers| buffers.touched() as f64),
            read: buffers.map(|buffers| (buffers.shared_read + buffers.local_read) as f64),
            temp: buffers.map(|buffers| buffers.temp_written as f64),
            cost: root.total_cost,
            rows: root.total_rows(),
        }
    }

    /// One of the figures.
    pub fn get(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::Time => self.time,
            Measure::Pages => self.pages,
            Measure::Temp => self.temp,
            Measure::Cost => self.cost,
        }
    }
}

/// What is held against what was before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// Blocks touched.
    Pages,
    /// Temporary blocks written.
    Temp,
    /// The planner's cost.
    Cost,
    /// The clock.
    Time,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 4] = [Measure::Pages, Measure::Temp, Measure::Cost, Measure::Time];

    /// Its name in output.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Pages => "pages",
            Measure::Temp => "temporary pages",
            Measure::Cost => "estimated cost",
            Measure::Time => "time",
        }
    }

    /// More by less than this is nothing: blocks, cost units, ms.
    fn floor(self) -> f64 {
        match self {
            Measure::Pages | Measure::Temp => 32.0,
            Measure::Cost => 10.0,
            Measure::Time => 1.0,
        }
    }
}

/// From how much more on something fails.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gate {
    /// Part of the work (0.1: a tenth) that may come on top.
    pub tolerance: f64,
    /// Part of the time that may come on top; `None`: the clock fails nothing.
    pub time: Option<f64>,
    /// Any change of shape fails.
    pub strict: bool,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate { tolerance: 0.1, time: None, strict: false }
    }
}

/// More than before.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Regression {
    /// Of what.
    pub measure: Measure,
    /// Before.
    pub before: f64,
    /// After.
    pub after: f64,
    /// Whether the gate fails on it.
    pub fails: bool,
}

impl Gate {
    /// What there is more of than the gate lets pass; the clock beyond the same tolerance is told, too.
    pub fn regressions(&self, before: &Work, after: &Work) -> Vec<Regression> {
        let more = |measure: Measure| {
            let (one, other) = (before.get(measure)?, after.get(measure)?);
            let tolerance = match measure {
                Measure::Time => self.time.unwrap_or(self.tolerance),
                _ => self.tolerance,
            };
            // Other servers and other versions cost alike what costs alike here: costs say nothing where the
            // work that was really done says the opposite.
            let contradicted = measure == Measure::Cost
                && before.pages.zip(after.pages).is_some_and(|(before, after)| after * 2.0 < before);
            let worse = other > one * (1.0 + tolerance) && other - one >= measure.floor() && !contradicted;
            let fails = measure != Measure::Time || self.time.is_some();
            worse.then_some(Regression { measure, before: one, after: other, fails })
        };
        Measure::ALL.into_iter().filter_map(more).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(time: f64, pages: f64, cost: f64) -> Work {
        Work { time: Some(time), pages: Some(pages), cost: Some(cost), temp: Some(0.0), ..Work::default() }
    }

    #[test]
    fn work_fails_and_the_clock_only_where_it_is_asked_for() {
        let gate = Gate::default();
        let failing = |gate: Gate, before, after| {
            let found = gate.regressions(&before, &after).into_iter();
            found.filter(|regression| regression.fails).map(|regression| regression.measure).collect::<Vec<_>>()
        };
        assert_eq!(failing(gate, work(1.0, 100.0, 50.0), work(90.0, 100.0, 50.0)), []);
        let timed = Gate { time: Some(0.2), ..gate };
        assert_eq!(failing(timed, work(1.0, 100.0, 50.0), work(90.0, 100.0, 50.0)), [Measure::Time]);
        assert_eq!(failing(timed, work(10.0, 100.0, 50.0), work(11.5, 100.0, 50.0)), []);
        assert_eq!(failing(gate, work(9.0, 100.0, 50.0), work(1.0, 200.0, 50.0)), [Measure::Pages]);
        assert_eq!(failing(gate, work(9.0, 100.0, 50.0), work(1.0, 105.0, 54.0)), []);
        assert_eq!(failing(gate, work(9.0, 100.0, 50.0), work(1.0, 100.0, 90.0)), [Measure::Cost]);
        assert_eq!(failing(gate, work(9.0, 5000.0, 50.0), work(1.0, 10.0, 90.0)), []);
    }
}
