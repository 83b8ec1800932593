//! The same grants as policies of `cedar-policy`: the other side of `medrec-bench decision`, see `bench/README.md`.
//!
//! A grant is a policy linked to a template, one template for each type of record. Cedar looks at every policy of a set that it is
//! handed, so it is asked twice: with all policies in one set, and with the set of the one relationship, looked up beforehand
//! as an application would that slices its policies itself. Requests and entities are made beforehand and not timed.

#[path = "../../src/decision/grants.rs"]
mod grants;

use std::{
    collections::{HashMap, HashSet},
    hint::black_box,
    time::{Duration, Instant},
};

use anyhow::{ensure, Context as _};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, Request, RestrictedExpression, SlotId, Template,
};
use clap::Parser;
use grants::{Grant, NOW, PER_RELATIONSHIP, PURPOSE, TYPES, UNTIL};
use serde_json::{json, Value};

/// Time decisions of cedar-policy over the grants of `medrec-bench decision`
#[derive(Debug, Parser)]
struct Options {
    /// How many grants there are, one after another
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000,1000000")]
    grants: Vec<u32>,
    /// How long each is measured (ms); three decisions at least
    #[arg(long, default_value_t = 3_000)]
    budget: u64,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let budget = Duration::from_millis(options.budget);
    let rows = options.grants.iter().map(|count| measure(*count, budget)).collect::<Result<Vec<_>, _>>()?;
    println!(
        "{:#}",
        json!({ "side": "cedar", "version": cedar_policy::get_sdk_version().to_string(), "rows": rows })
    );
    Ok(())
}

fn measure(count: u32, budget: Duration) -> anyhow::Result<Value> {
    let started = Instant::now();
    let all = policies(0..count)?;
    let built = started.elapsed();
    let whole = timed(count, budget, |_| &all)?;
    drop(all);
    // Only the sets that are asked for are made.
    let mut slices: HashMap<u32, PolicySet> = HashMap::new();
    for k in 0..QUESTIONS {
        let relationship = grants::question(k, count).0.relationship;
        if let std::collections::hash_map::Entry::Vacant(place) = slices.entry(relationship) {
            let first = relationship * PER_RELATIONSHIP;
            place.insert(policies(first..count.min(first + PER_RELATIONSHIP))?);
        }
    }
    let sliced = timed(count, budget, |asked| &slices[&asked.relationship])?;
    Ok(json!({ "grants": count, "built_s": built.as_secs_f64(), "whole_us": whole, "sliced_us": sliced }))
}

/// Different questions of a run, asked over and over.
const QUESTIONS: u32 = 1_000;

/// Microseconds of each decision.
fn timed<'a>(count: u32, budget: Duration, set: impl Fn(&Grant) -> &'a PolicySet) -> anyhow::Result<Value> {
    let questions = (0..QUESTIONS).map(|k| Question::new(k, count)).collect::<anyhow::Result<Vec<_>>>()?;
    let authorizer = Authorizer::new();
    let mut micros = Vec::new();
    let begun = Instant::now();
    for question in questions.iter().cycle() {
        let policies = set(&question.grant);
        let started = Instant::now();
        let answer = black_box(authorizer.is_authorized(&question.request, policies, &question.entities));
        micros.push(started.elapsed().as_secs_f64() * 1e6);
        let permitted = answer.decision() == Decision::Allow;
        ensure!(permitted == question.permitted, "{:?}: {permitted}", question.grant);
        if micros.len() >= 3 && begun.elapsed() > budget || micros.len() >= 200_000 {
            break;
        }
    }
    micros.sort_by(f64::total_cmp);
    let at = |share: f64| micros[(share * (micros.len() - 1) as f64).round() as usize];
    Ok(json!({ "decisions": micros.len(), "p50": at(0.5), "p99": at(0.99) }))
}

struct Question {
    grant: Grant,
    permitted: bool,
    request: Request,
    entities: Entities,
}

impl Question {
    fn new(k: u32, count: u32) -> anyhow::Result<Self> {
        let (grant, permitted) = grants::question(k, count);
        let record = uid("Record", &format!("r{}.{k}", grant.relationship))?;
        let kind = RestrictedExpression::new_string(TYPES[grant.kind].to_owned());
        let parents = HashSet::from([uid("Relationship", &grant.relationship.to_string())?]);
        let entity = Entity::new(record.clone(), HashMap::from([("type".to_owned(), kind)]), parents)?;
        let context = Context::from_pairs([
            ("purpose".to_owned(), RestrictedExpression::new_string(PURPOSE.to_owned())),
            ("now".to_owned(), RestrictedExpression::new_long(i64::try_from(NOW)?)),
        ])?;
        let viewer = uid("Viewer", &grant.viewer.to_string())?;
        let request = Request::new(viewer, uid("Action", "search")?, record, context, None)?;
        Ok(Self { grant, permitted, request, entities: Entities::from_entities([entity], None)? })
    }
}

fn policies(numbers: std::ops::Range<u32>) -> anyhow::Result<PolicySet> {
    let mut set = PolicySet::new();
    for kind in TYPES {
        let text = format!(
            "permit (principal == ?principal, action in [Action::\"read\", Action::\"search\"], resource in ?resource)
             when {{ resource.type == \"{kind}\" && context.purpose == \"{PURPOSE}\" && context.now < {UNTIL} }};"
        );
        set.add_template(Template::parse(Some(PolicyId::new(kind)), text)?)?;
    }
    for n in numbers {
        let grant = grants::grant(n);
        let slots = HashMap::from([
            (SlotId::principal(), uid("Viewer", &grant.viewer.to_string())?),
            (SlotId::resource(), uid("Relationship", &grant.relationship.to_string())?),
        ]);
        set.link(PolicyId::new(TYPES[grant.kind]), PolicyId::new(n.to_string()), slots)
            .with_context(|| format!("grant {n}"))?;
    }
    Ok(set)
}

fn uid(kind: &str, id: &str) -> anyhow::Result<EntityUid> {
    Ok(EntityUid::from_type_name_and_id(kind.parse::<EntityTypeName>()?, EntityId::new(id)))
}
