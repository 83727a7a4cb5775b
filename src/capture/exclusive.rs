//! What each node took itself, apart from the nodes below it.
//!
//! EXPLAIN prints what a node took with all below it, and prints some of that in the wrong place:
//!
//! * an InitPlan and a CTE hang under the node that owns them, but run inside the node that first asks for a value or
//!   row: an expression with `$0` or `(InitPlan 1).col1`, a CTE Scan;
//! * below Gather, times are averages over the processes' loops, so time x loops is the sum over processes;
//! * a data-modifying CTE that nobody reads runs after the root is done;
//! * averages are rounded, so that time x loops of an often repeated node may exceed the node above it.
//!
//! So each node is *paid* by one or several others, and what a node has is handed down: it never hands out more than it
//! has, and keeps the rest. Thus nothing is negative, and the sum over all nodes is what the root has.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::node::{Buffers, Node, NodeType, ParentRelationship};
use super::plan::NodeId;

/// Times and blocks of each node alone.
#[derive(Clone, PartialEq, Default, Debug)]
pub(super) struct Exclusive {
    payers: Payers,
    gathers: Vec<u32>,
    time: Option<Shares>,
    buffers: OnceLock<Vec<Buffers>>,
    own_buffers: Vec<Buffers>,
}

/// No node: the payer of the root, and of what runs after it.
const NOBODY: u32 = u32::MAX;

impl Exclusive {
    /// Works it out; `execution_time` in ms bounds what runs after the root.
    pub(super) fn new(nodes: &[Node], execution_time: Option<f64>) -> Exclusive {
        let gathers = gathers(nodes);
        let claims = wall_times(nodes, &gathers);
        let payers = Payers::new(nodes, &gathers, &claims);
        let timed = nodes.first().is_some_and(|root| root.actual_total_time.is_some());
        let time = timed.then(|| payers.hand_down(nodes, claims, execution_time, |part| part));
        let own_buffers = match nodes.iter().any(|node| node.buffers.is_some()) {
            true => nodes.iter().map(|node| node.buffers.as_deref().copied().unwrap_or_default()).collect(),
            false => Vec::new(),
        };
        Exclusive { payers, gathers, time, buffers: OnceLock::new(), own_buffers }
    }

    /// ms with all below.
    pub(super) fn inclusive_time(&self, id: NodeId) -> Option<f64> {
        self.time.as_ref()?.inclusive.get(id.0 as usize).copied()
    }

    /// ms without what is below.
    pub(super) fn time(&self, id: NodeId) -> Option<f64> {
        self.time.as_ref()?.own.get(id.0 as usize).copied()
    }

    /// The Gather whose workers run the node.
    pub(super) fn gather(&self, id: NodeId) -> Option<NodeId> {
        self.gathers.get(id.0 as usize).copied().filter(|&gather| gather != NOBODY).map(NodeId)
    }

    /// Blocks without those of what is below. All nodes are worked out when the first is asked for.
    pub(super) fn buffers(&self, nodes: &[Node], id: NodeId) -> Option<Buffers> {
        if self.own_buffers.is_empty() {
            return None;
        }
        let all = self.buffers.get_or_init(|| self.payers.buffers(nodes, &self.own_buffers));
        all.get(id.0 as usize).copied()
    }
}

/// For each node the Gather (Merge) whose workers run it.
fn gathers(nodes: &[Node]) -> Vec<u32> {
    let mut gathers: Vec<u32> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let gather = match node.parent {
            None => NOBODY,
            Some(parent) if nodes[parent.0 as usize].is_gather() && !runs_in_leader(node) => parent.0,
            Some(parent) => gathers[parent.0 as usize],
        };
        gathers.push(gather);
    }
    gathers
}

fn runs_in_leader(node: &Node) -> bool {
    matches!(node.parent_relationship, Some(ParentRelationship::InitPlan | ParentRelationship::SubPlan))
}

/// ms of each node with all below it, as wall time.
fn wall_times(nodes: &[Node], gathers: &[u32]) -> Vec<f64> {
    let processes = processes(nodes, gathers);
    let mut times = Vec::with_capacity(nodes.len());
    for (node, &gather) in nodes.iter().zip(gathers) {
        let time = node.actual_total_time.unwrap_or(0.0) * node.actual_loops.unwrap_or(0.0);
        let shared = gather != NOBODY && !others_wait(nodes, node);
        let divisor = if shared { processes[gather as usize] } else { 1.0 };
        times.push(if time.is_finite() { (time / divisor).max(0.0) } else { 0.0 });
    }
    times
}

/// For each Gather how many processes took part: its input runs once in each.
fn processes(nodes: &[Node], gathers: &[u32]) -> Vec<f64> {
    let mut processes = vec![1.0; nodes.len()];
    for (node, &gather) in nodes.iter().zip(gathers) {
        if gather != NOBODY && node.parent == Some(NodeId(gather)) {
            let runs = nodes[gather as usize].actual_loops.unwrap_or(0.0).max(1.0);
            processes[gather as usize] = (node.actual_loops.unwrap_or(0.0) / runs).max(1.0);
        }
    }
    processes
}

/// One process builds the bitmap of a parallel Bitmap Heap Scan, and the others wait for it.
fn others_wait(nodes: &[Node], node: &Node) -> bool {
    use NodeType::{BitmapAnd, BitmapHeapScan, BitmapIndexScan, BitmapOr};
    if !matches!(node.node_type, BitmapIndexScan | BitmapAnd | BitmapOr) || node.actual_loops != Some(1.0) {
        return false;
    }
    // BitmapAnd and BitmapOr nest a few levels at most; deeper ones are shared out like any other node.
    let above = std::iter::successors(node.parent, |id| nodes[id.0 as usize].parent).take(8);
    let heap = above.map(|id| &nodes[id.0 as usize]).find(|above| above.node_type == BitmapHeapScan);
    heap.is_some_and(|heap| heap.parallel_aware)
}

/// Parts of a whole that was handed down.
#[derive(Clone, PartialEq, Default, Debug)]
struct Shares {
    inclusive: Vec<f64>,
    own: Vec<f64>,
}

/// Who pays for whom.
#[derive(Clone, PartialEq, Default, Debug)]
struct Payers {
    /// The first payer of each node.
    first: Vec<u32>,
    /// Further payers, each asked when those before it have no more.
    further: FxHashMap<u32, Vec<u32>>,
    /// Each node after all its payers; empty where document order will do.
    order: Vec<u32>,
}

impl Payers {
    fn new(nodes: &[Node], gathers: &[u32], claims: &[f64]) -> Payers {
        let first = nodes.iter().map(|node| node.parent.map_or(NOBODY, |parent| parent.0)).collect();
        let mut payers = Payers { first, ..Payers::default() };
        let lazy = |node: &Node| node.parent_relationship == Some(ParentRelationship::InitPlan);
        if !nodes.iter().any(lazy) {
            return payers;
        }
        payers.find_cte_scans(nodes, claims);
        payers.find_init_plan_users(nodes, gathers, claims);
        if !payers.sort() {
            // Only a plan that no server printed has a circle.
            payers.first = nodes.iter().map(|node| node.parent.map_or(NOBODY, |parent| parent.0)).collect();
            payers.further.clear();
            payers.order.clear();
        }
        payers
    }

    /// The rows of a CTE are made inside the CTE Scans that ask for them.
    fn find_cte_scans(&mut self, nodes: &[Node], claims: &[f64]) {
        for (cte, mut scans) in cte_scans(nodes) {
            scans.sort_by(|&a, &b| claims[b as usize].total_cmp(&claims[a as usize]));
            // What no scan asked for is run after the root where it changes data, and otherwise never.
            let rest = match nodes[cte as usize].node_type {
                NodeType::ModifyTable => NOBODY,
                _ => self.first[cte as usize],
            };
            scans.push(rest);
            self.first[cte as usize] = scans.remove(0);
            if !scans.is_empty() {
                self.further.insert(cte, scans);
            }
        }
    }

    /// An InitPlan runs inside the node that first asks for its value.
    fn find_init_plan_users(&mut self, nodes: &[Node], gathers: &[u32], claims: &[f64]) {
        let mut room = room(nodes, claims);
        let users = parameter_users(nodes);
        for (id, node) in nodes.iter().enumerate() {
            let (Some(owner), Some(name)) = (node.parent, init_plan_name(node)) else { continue };
            let inside = id as u32..node.end.0;
            let within = &nodes[owner.0 as usize];
            let candidates = parameters(name).filter_map(|parameter| users.get(parameter)).flatten().copied();
            let mut best = owner.0;
            for user in candidates.take(64) {
                if user <= owner.0 || user >= within.end.0 || inside.contains(&user) {
                    continue;
                }
                let user = in_process_of(owner.0, user, nodes, gathers);
                if room[user as usize] >= claims[id] {
                    best = user;
                    break;
                }
                if room[user as usize] > room[best as usize] {
                    best = user;
                }
            }
            room[best as usize] -= claims[id];
            self.first[id] = best;
        }
    }

    fn all(&self, id: u32) -> impl Iterator<Item = u32> + Clone {
        let further = self.further.get(&id).map_or(&[][..], Vec::as_slice);
        std::iter::once(self.first[id as usize]).chain(further.iter().copied())
    }

    /// Finds an order in which each node comes after its payers; false where there is none.
    fn sort(&mut self) -> bool {
        let count = self.first.len();
        let paid = self.paid();
        let mut waiting: Vec<u32> =
            (0..count as u32).map(|id| self.all(id).filter(|&payer| payer != NOBODY).count() as u32).collect();
        let mut order: Vec<u32> = (0..count as u32).filter(|&id| waiting[id as usize] == 0).collect();
        let mut at = 0;
        while let Some(&id) = order.get(at) {
            at += 1;
            for &other in paid.of(id) {
                waiting[other as usize] -= 1;
                if waiting[other as usize] == 0 {
                    order.push(other);
                }
            }
        }
        self.order = order;
        self.order.len() == count
    }

    /// For each node those it pays for.
    fn paid(&self) -> Lists {
        let count = self.first.len();
        let edges = (0..count as u32).flat_map(|id| self.all(id).map(move |payer| (payer, id)));
        Lists::new(count, edges.filter(|&(payer, _)| payer != NOBODY))
    }

    /// Hands `claims` down from those who pay. `round` is applied to what a short payer scales down.
    fn hand_down(&self, nodes: &[Node], claims: Vec<f64>, bound: Option<f64>, round: impl Fn(f64) -> f64) -> Shares {
        let count = nodes.len();
        let paid = self.paid();
        let amounts = self.amounts(&claims);
        let mut inclusive = vec![0.0; count];
        let mut left = f64::INFINITY;
        for id in (0..count as u32).filter(|&id| self.all(id).any(|payer| payer == NOBODY)) {
            let amount = amounts.of(self, id, NOBODY).min(left);
            inclusive[id as usize] += amount;
            // The root is never cut short, whatever stands as Execution Time.
            left = if id == 0 { bound.map_or(left, |bound| (bound - amount).max(0.0)) } else { left - amount };
        }
        let mut own = vec![0.0; count];
        let mut short: Vec<u32> = Vec::new();
        for at in 0..count {
            let id = self.order.get(at).map_or(at as u32, |&id| id);
            let has = inclusive[id as usize];
            let scale = if claims[id as usize] > has { has / claims[id as usize] } else { 1.0 };
            let wanted = |other: u32| match amounts.of(self, other, id) {
                whole if scale == 1.0 => whole,
                whole => round(whole * scale),
            };
            let all: f64 = paid.of(id).iter().map(|&other| wanted(other)).sum();
            if all <= has {
                paid.of(id).iter().for_each(|&other| inclusive[other as usize] += wanted(other));
                own[id as usize] = has - all;
                continue;
            }
            // The fewer the loops, the smaller the rounding error: those are paid first.
            short.clear();
            short.extend(paid.of(id));
            let loops = |id: u32| nodes[id as usize].actual_loops.unwrap_or(0.0);
            short.sort_by(|&a, &b| loops(a).total_cmp(&loops(b)));
            let mut rest = has;
            for &other in &short {
                let part = wanted(other).min(rest);
                inclusive[other as usize] += part;
                rest -= part;
            }
            own[id as usize] = rest;
        }
        Shares { inclusive, own }
    }

    fn amounts(&self, claims: &[f64]) -> Amounts {
        let mut split = FxHashMap::default();
        for (&id, further) in &self.further {
            let mut rest = claims[id as usize];
            for payer in self.all(id) {
                let is_last = further.last() == Some(&payer);
                let part = if is_last { rest } else { rest.min(claims[payer as usize]) };
                *split.entry((id, payer)).or_insert(0.0) += part;
                rest -= part;
            }
        }
        Amounts { whole: claims.to_vec(), split }
    }

    fn buffers(&self, nodes: &[Node], own: &[Buffers]) -> Vec<Buffers> {
        let mut all = vec![Buffers::default(); own.len()];
        for counter in COUNTERS {
            let claims: Vec<f64> = own.iter().map(|buffers| *counter(&mut buffers.clone()) as f64).collect();
            if claims.iter().all(|&claim| claim == 0.0) {
                continue;
            }
            let shares = self.hand_down(nodes, claims, None, f64::floor);
            for (buffers, share) in all.iter_mut().zip(shares.own) {
                *counter(buffers) = share as u64;
            }
        }
        for timer in TIMERS {
            let claims: Vec<f64> = own.iter().map(|buffers| *timer(&mut buffers.clone())).collect();
            if claims.iter().all(|&claim| claim == 0.0) {
                continue;
            }
            let shares = self.hand_down(nodes, claims, None, |part| part);
            for (buffers, share) in all.iter_mut().zip(shares.own) {
                *timer(buffers) = share;
            }
        }
        all
    }
}

const COUNTERS: [fn(&mut Buffers) -> &mut u64; 10] = [
    |buffers| &mut buffers.shared_hit,
    |buffers| &mut buffers.shared_read,
    |buffers| &mut buffers.shared_dirtied,
    |buffers| &mut buffers.shared_written,
    |buffers| &mut buffers.local_hit,
    |buffers| &mut buffers.local_read,
    |buffers| &mut buffers.local_dirtied,
    |buffers| &mut buffers.local_written,
    |buffers| &mut buffers.temp_read,
    |buffers| &mut buffers.temp_written,
];

const TIMERS: [fn(&mut Buffers) -> &mut f64; 6] = [
    |buffers| &mut buffers.shared_read_time,
    |buffers| &mut buffers.shared_write_time,
    |buffers| &mut buffers.local_read_time,
    |buffers| &mut buffers.local_write_time,
    |buffers| &mut buffers.temp_read_time,
    |buffers| &mut buffers.temp_write_time,
];

/// What each node wants of each payer.
struct Amounts {
    whole: Vec<f64>,
    split: FxHashMap<(u32, u32), f64>,
}

impl Amounts {
    fn of(&self, payers: &Payers, id: u32, payer: u32) -> f64 {
        if payers.further.is_empty() || !payers.further.contains_key(&id) {
            return self.whole[id as usize];
        }
        self.split.get(&(id, payer)).copied().unwrap_or(0.0)
    }
}

/// A list for each node, in two allocations.
struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn new(count: usize, edges: impl Iterator<Item = (u32, u32)> + Clone) -> Lists {
        let mut starts = vec![0; count + 1];
        for (from, _) in edges.clone() {
            starts[from as usize + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut items = vec![0; starts[count] as usize];
        for (from, to) in edges {
            items[next[from as usize] as usize] = to;
            next[from as usize] += 1;
        }
        Lists { starts, items }
    }

    fn of(&self, id: u32) -> &[u32] {
        &self.items[self.starts[id as usize] as usize..self.starts[id as usize + 1] as usize]
    }
}

/// Each CTE with the CTE Scans that read it. Names may repeat: the innermost owner around a scan is meant.
fn cte_scans(nodes: &[Node]) -> Vec<(u32, Vec<u32>)> {
    let ctes: Vec<u32> = (0..nodes.len() as u32).filter(|&id| nodes[id as usize].cte().is_some()).collect();
    let mut owned: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for &cte in &ctes {
        if let Some(owner) = nodes[cte as usize].parent {
            owned.entry(owner.0).or_default().push(cte);
        }
    }
    let mut scans: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    let mut visible: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
    let mut open: Vec<u32> = Vec::new();
    for (id, node) in nodes.iter().enumerate() {
        while let Some(owner) = open.pop_if(|owner| nodes[*owner as usize].end.0 <= id as u32) {
            for name in owned[&owner].iter().filter_map(|&cte| nodes[cte as usize].cte()) {
                visible.entry(name).or_default().pop();
            }
        }
        if let Some(ctes) = owned.get(&(id as u32)) {
            open.push(id as u32);
            for &cte in ctes {
                visible.entry(nodes[cte as usize].cte().unwrap_or("")).or_default().push(cte);
            }
        }
        let read = node.cte_name.as_deref().filter(|_| node.node_type == NodeType::CteScan);
        if let Some(&cte) = read.and_then(|name| visible.get(name)).and_then(|ctes| ctes.last()) {
            scans.entry(cte).or_default().push(id as u32);
        }
    }
    ctes.into_iter().map(|cte| (cte, scans.remove(&cte).unwrap_or_default())).collect()
}

/// What each node has left when its inputs and SubPlans are paid.
fn room(nodes: &[Node], claims: &[f64]) -> Vec<f64> {
    let mut room = claims.to_vec();
    for (id, node) in nodes.iter().enumerate() {
        let Some(parent) = node.parent else { continue };
        if node.parent_relationship != Some(ParentRelationship::InitPlan) {
            room[parent.0 as usize] -= claims[id];
        }
    }
    room
}

fn init_plan_name(node: &Node) -> Option<&str> {
    let is_init_plan = node.parent_relationship == Some(ParentRelationship::InitPlan) && node.cte().is_none();
    node.subplan_name.as_deref().filter(|_| is_init_plan)
}

/// The parameters in an InitPlan's name or an expression: `$0`, `InitPlan 1`.
fn parameters(text: &str) -> impl Iterator<Item = &str> {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let found = memchr::memchr2_iter(b'$', b'I', text.as_bytes());
    found.filter_map(move |at| {
        let prefix = if text[at..].starts_with("InitPlan ") { "InitPlan ".len() } else { 1 };
        let digits = digits(at + prefix);
        let is_parameter = digits > 0 && (prefix > 1 || text.as_bytes()[at] == b'$');
        is_parameter.then(|| &text[at..at + prefix + digits])
    })
}

/// The nodes whose expressions speak of a parameter, in document order.
fn parameter_users(nodes: &[Node]) -> FxHashMap<&str, Vec<u32>> {
    let mut users: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
    for (id, node) in nodes.iter().enumerate() {
        let evaluated = node.params_evaluated.iter().map(|text| &**text);
        for parameter in node.expressions().chain(evaluated).flat_map(parameters) {
            let users = users.entry(parameter).or_default();
            if users.last() != Some(&(id as u32)) {
                users.push(id as u32);
            }
        }
    }
    users
}

/// The leader computes what workers ask for before it starts them: then the Gather is the user.
fn in_process_of(owner: u32, user: u32, nodes: &[Node], gathers: &[u32]) -> u32 {
    let mut user = user;
    // Gathers do not nest, so this ends after a step or two.
    for _ in 0..4 {
        let gather = gathers[user as usize];
        if gather == NOBODY || gather == gathers[owner as usize] || gather < owner {
            return user;
        }
        user = gather;
    }
    nodes[user as usize].parent.map_or(user, |parent| parent.0)
}
