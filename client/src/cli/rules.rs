//! `medrec grant`, `deny`, `share`, `revoke`, `revoke-all`, `rules`, `may-read`.

use anyhow::{bail, ensure};
use clap::Args;
use medrec_policy::{
    purpose::Purpose,
    scope::Scope,
    terms::{Period, Terms},
};
use medrec_primitives::{
    DecisionSummary, Effect, GrantFacts, GrantId, GrantTerms, Moment, RelationshipId, StaffId, Viewer,
};
use serde_json::{json, Value};

use super::{
    args::{viewer_text, Address, ViewerArg, When},
    context::{address, Context},
    output::{time, Output},
    relationships::{block, in_block},
    spread::{self, Spread},
};
use crate::{
    chain::{
        calls,
        events::{Denied, Granted, Revoked, Shared},
    },
    sealing::{self, TermsContext},
};

const SCOPES: &str = "\
Scopes say what: patient/<type>.<actions>[?category=..][&code=..][&_security=..][&_elements=..], with actions out of
cruds (create, read, update, delete, search). Purposes are HL7's: TREAT, HPAYMT, FAMRQT, PATRQT, HRESCH, ...
What is granted is sealed to the provider: the chain sees whom and when, not what.";

/// What a rule covers, as it is written on the command line.
#[derive(Clone, Debug, Args)]
pub struct Covers {
    /// All there is, for every purpose but emergency treatment; anybody can see that on chain
    #[arg(long, conflicts_with_all = ["scope", "terms", "purpose", "period", "staff"])]
    everything: bool,
    /// What, as a scope; may be given several times
    #[arg(long, value_name = "SCOPE", value_parser = super::scope::written)]
    scope: Vec<Scope>,
    /// What for; may be given several times
    #[arg(long, value_name = "CODE")]
    purpose: Vec<Purpose>,
    /// Only records dated within, such as 2020-01-01..2021-12-31
    #[arg(long, value_name = "FROM..TO")]
    period: Option<Period>,
    /// Only these persons on the viewer's staff, such as s0-4; may be given several times
    #[arg(long, value_name = "PERSON")]
    staff: Vec<StaffId>,
    /// All of this as one text in the form that is sealed
    #[arg(long, value_name = "TERMS", conflicts_with_all = ["scope", "purpose", "period", "staff"])]
    terms: Option<Terms>,
}

impl Covers {
    /// The first purpose that is covered.
    pub fn purpose(&self) -> Option<Purpose> {
        match &self.terms {
            Some(terms) => terms.purposes().first().copied(),
            None if self.everything => Some(Purpose::Treatment),
            None => self.purpose.first().copied(),
        }
    }
}

/// Whom a rule is about, and when.
#[derive(Clone, Debug, Args)]
struct About {
    /// Whom: an address, member:<number> for a member's staff, or group:<number>
    #[arg(long = "to", value_name = "VIEWER")]
    viewer: ViewerArg,
    /// From when: 2027-01-31, 2027-01-31T12:00:00Z, or +12h from now
    #[arg(long, value_name = "WHEN")]
    from: Option<When>,
    /// Until when. What is counted from now is rounded up, +30d to the end of that day (UTC), +12h to the full hour: the time of signing does
    /// not show in it
    #[arg(long, value_name = "WHEN")]
    until: Option<When>,
}

/// Allow someone to see something.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  medrec grant r0-3 --to 5FHneW46... --scope 'patient/Observation.rs?category=laboratory' --purpose TREAT --until +30d
  medrec grant r0-3 --to member:0 --staff s0-4 --scope 'patient/*.rs' --purpose TREAT
  medrec grant r0-3 --to 5FHneW46... --scope 'patient/Observation.r?_elements=code,valueQuantity' --purpose FAMRQT
  medrec grant r0-3 --to 5FHneW46... --everything
  medrec grant r0-3 r1-7 r2-0 --to group:0 --scope 'patient/*.rs' --purpose TREAT --spread 3d

{SCOPES}
Grants in several relationships are made at different times, over a week if you do not say otherwise: made in one sitting, they would
tell that the relationships are one person's. So does one key that is granted something in all of them; a group or a member's
staff tells less."))]
pub struct Grant {
    /// The relationship, such as r0-3, or several
    #[arg(required = true, value_name = "RELATIONSHIP")]
    relationships: Vec<RelationshipId>,
    #[command(flatten)]
    spread: Spread,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    covers: Covers,
    /// The viewer may share onward what it is given
    #[arg(long)]
    may_share: bool,
}

/// Deny someone something, whatever any grant says.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  medrec deny r0-3 --to 5FHneW46... --everything
  medrec deny r0-3 --to group:1 --scope 'patient/Observation.rs?_security=PSY'
  medrec deny r0-3 r1-7 --to group:1 --everything          both, at once

{SCOPES}"))]
pub struct Deny {
    /// The relationship, such as r0-3, or several
    #[arg(required = true, value_name = "RELATIONSHIP")]
    relationships: Vec<RelationshipId>,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    covers: Covers,
}

/// Share onward what you were granted, or a part of it.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  medrec --key @doctor.key share r0-3 4 --to member:2 --scope 'patient/Observation.rs' --purpose TREAT --until +7d
  medrec --key @doctor.key revoke r0-3 5          takes it back

The rule must allow sharing (grant --may-share). What you share falls with it, ends no later, and opens no more than it does,
whatever you write here.

{SCOPES}"))]
pub struct Share {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// The number of the rule that you share from
    rule: GrantId,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    covers: Covers,
    /// The viewer may share onward in turn
    #[arg(long)]
    may_share: bool,
}

/// Take back everything that allows someone something.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec revoke-all r0-3 5FHneW46...
  medrec revoke-all r0-3 member:1

Denials stay. What was shared onward from it falls with it.")]
pub struct RevokeAll {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// From whom: an address, member:<number> for a member's staff, or group:<number>
    viewer: ViewerArg,
}

/// List the rules of a relationship.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec rules r0-3")]
pub struct Rules {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
}

/// Take a grant or a denial back, or what you shared onward.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec revoke r0-3 0")]
pub struct Revoke {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// The rule's number, as grant and deny gave it
    rule: GrantId,
}

/// Ask the chain whether someone may read anything.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec may-read r0-3 5FHneW46...

The chain knows who and when, not what: where sealed terms decide, it says so, and the gatekeeper decides.")]
pub struct MayRead {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// Who would read
    viewer: Address,
}

pub async fn grant(context: &Context, command: Grant) -> anyhow::Result<Output> {
    let Grant { relationships, spread, about, covers, may_share } = command;
    let joins = relationships.len() > 1 && matches!(about.viewer.0, Viewer::Key(_));
    let output = spread::spread(context, &relationships, &spread, async |context, relationship| {
        let (about, covers) = (about.clone(), covers.clone());
        let rule = Rule::new(context, relationship, about, covers, Effect::Allow, may_share).await?;
        let call = calls::permissions::grant(
            relationship,
            &rule.viewer,
            &rule.terms,
            rule.not_before,
            rule.not_after,
            may_share,
        );
        let done = context.submit(&call, &context.key_in(relationship).await?).await?;
        let id = done.expect::<Granted>()?.grant;
        Ok(rule.output(relationship, id, "granted", block(&done)).line(in_block(&done)))
    })
    .await?;
    Ok(if joins {
        output.note(
            "note: one key that is granted something in several relationships suggests that they are one person's; give viewers a key \
             for each, or grant a group",
        )
    } else {
        output
    })
}

/// Grants one account something until a time. Gives the rule's number.
pub async fn grant_until(
    context: &Context,
    relationship: RelationshipId,
    viewer: Address,
    until: Moment,
    covers: Covers,
) -> anyhow::Result<GrantId> {
    let about = About { viewer: ViewerArg(Viewer::Key(viewer.0)), from: None, until: Some(When::At(until)) };
    let rule = Rule::new(context, relationship, about, covers, Effect::Allow, false).await?;
    let call =
        calls::permissions::grant(relationship, &rule.viewer, &rule.terms, None, rule.not_after, false);
    let done = context.submit(&call, &context.key_in(relationship).await?).await?;
    Ok(done.expect::<Granted>()?.grant)
}

pub async fn deny(context: &Context, command: Deny) -> anyhow::Result<Output> {
    let Deny { relationships, about, covers } = command;
    spread::at_once(context, &relationships, async |context, relationship| {
        let (about, covers) = (about.clone(), covers.clone());
        let rule = Rule::new(context, relationship, about, covers, Effect::Deny, false).await?;
        let call = calls::permissions::deny(
            relationship,
            &rule.viewer,
            &rule.terms,
            rule.not_before,
            rule.not_after,
        );
        let done = context.submit(&call, &context.key_in(relationship).await?).await?;
        let id = done.expect::<Denied>()?.grant;
        Ok(rule.output(relationship, id, "denied", block(&done)).line(in_block(&done)))
    })
    .await
}

pub async fn revoke(context: &Context, command: Revoke) -> anyhow::Result<Output> {
    let Revoke { relationship, rule } = command;
    let call = calls::permissions::revoke(relationship, rule);
    let done = context.submit(&call, &context.key_in(relationship).await?).await?;
    let json = json!({ "relationship": relationship.to_string(), "rule": rule, "done": "revoked", "block": block(&done) });
    Ok(Output::new(json).line(format!("{relationship}: rule {rule} revoked, {}", in_block(&done))))
}

pub async fn share(context: &Context, command: Share) -> anyhow::Result<Output> {
    let Share { relationship, rule: parent, about, covers, may_share } = command;
    let rule = Rule::new(context, relationship, about, covers, Effect::Allow, may_share).await?;
    let call = calls::permissions::share(
        relationship,
        parent,
        &rule.viewer,
        &rule.terms,
        rule.not_before,
        rule.not_after,
        may_share,
    );
    let done = context.submit(&call, &context.key_in(relationship).await?).await?;
    let id = done.expect::<Shared>()?.grant;
    let from = format!("shared from rule {parent}, {}", in_block(&done));
    Ok(rule.output(relationship, id, "shared", block(&done)).line(from))
}

pub async fn revoke_all(context: &Context, command: RevokeAll) -> anyhow::Result<Output> {
    let RevokeAll { relationship, viewer: ViewerArg(viewer) } = command;
    let call = calls::permissions::revoke_all(relationship, &viewer);
    let done = context.submit(&call, &context.key_in(relationship).await?).await?;
    let mut rules = Vec::new();
    for event in &done.events {
        if let Some(revoked) = event.as_kind::<Revoked>() {
            rules.push(revoked?.grant);
        }
    }
    let viewer = viewer_text(&viewer);
    let list: Vec<_> = rules.iter().map(ToString::to_string).collect();
    let line = format!(
        "{relationship}: rules {} revoked, {viewer} is allowed nothing, {}",
        list.join(", "),
        in_block(&done)
    );
    Ok(Output::new(json!({
        "relationship": relationship.to_string(),
        "viewer": viewer,
        "rules": rules,
        "done": "revoked",
        "block": block(&done),
    }))
    .line(line))
}

/// Takes back whatever allows a viewer something, if anything does.
pub async fn revoke_whatever(
    context: &Context,
    relationship: RelationshipId,
    viewer: Viewer,
) -> anyhow::Result<()> {
    let rules = context.chain().await?.finalised().await?.rules(relationship).await?;
    if rules.iter().any(|rule| rule.grant.effect == Effect::Allow && rule.grant.viewer == viewer) {
        revoke_all(context, RevokeAll { relationship, viewer: ViewerArg(viewer) }).await?;
    }
    Ok(())
}

pub async fn list(context: &Context, command: Rules) -> anyhow::Result<Output> {
    let rules = context.chain().await?.finalised().await?.rules(command.relationship).await?;
    let output = Output::new(rules.iter().map(rule_json).collect());
    Ok(if rules.is_empty() { output.line("none") } else { output.lines(rules.iter().map(rule_line)) })
}

pub async fn may_read(context: &Context, command: MayRead) -> anyhow::Result<Output> {
    let state = context.chain().await?.finalised().await?;
    let viewer = command.viewer.0;
    let summary = state.may_read(command.relationship, &viewer).await?;
    let rules =
        state.facts(command.relationship, &viewer).await?.map(|facts| facts.grants).unwrap_or_default();
    let (word, line) = match summary {
        DecisionSummary::Permit => ("permit", "yes: the chain alone permits something".to_owned()),
        DecisionSummary::NeedsOpening => (
            "needs-opening",
            "perhaps: sealed terms decide, which only the provider's gatekeeper can open".to_owned(),
        ),
        DecisionSummary::Deny(reason) => ("deny", format!("no: {reason:?}")),
    };
    let reason = match summary {
        DecisionSummary::Deny(reason) => Some(format!("{reason:?}")),
        _ => None,
    };
    let json = json!({
        "relationship": command.relationship.to_string(),
        "viewer": address(&viewer),
        "summary": word,
        "reason": reason,
        "rules": rules.iter().map(rule_json).collect::<Vec<_>>(),
    });
    Ok(Output::new(json).line(line).lines(rules.iter().map(rule_line)))
}

/// A rule that is about to be made.
struct Rule {
    viewer: Viewer,
    terms: GrantTerms,
    /// The terms before they were sealed, as text.
    text: String,
    not_before: Option<Moment>,
    not_after: Option<Moment>,
}

impl Rule {
    async fn new(
        context: &Context,
        relationship: RelationshipId,
        about: About,
        covers: Covers,
        effect: Effect,
        may_share: bool,
    ) -> anyhow::Result<Self> {
        let chain = context.chain().await?;
        let state = chain.finalised().await?;
        let now = state.timestamp().await?;
        let viewer = about.viewer.0;
        let [not_before, not_after] =
            [about.from, about.until].map(|when| when.map(|when| when.rounded(now)));
        if let (Some(start), Some(end)) = (not_before, not_after) {
            ensure!(start < end, "the rule would end before it starts");
        }
        ensure!(
            not_after.is_none_or(|end| end > now),
            "the end lies in the chain's past; its time is {}",
            time(now)
        );
        let Some(terms) = covers.terms()? else {
            let text = "everything".to_owned();
            return Ok(Self { viewer, terms: GrantTerms::Everything, text, not_before, not_after });
        };
        if effect == Effect::Allow {
            ensure!(
                !terms.purposes().is_empty(),
                "a grant without a purpose is void: add --purpose TREAT, or another"
            );
        }
        let Some((key_id, key)) = state.current_sealing_key(relationship.member).await? else {
            bail!("member {} has no key that anything could be sealed to", relationship.member);
        };
        let place = TermsContext {
            genesis: chain.genesis(),
            relationship,
            viewer: viewer.clone(),
            effect,
            not_before,
            not_after,
            may_share,
        };
        let sealed = sealing::seal_terms(&terms, &key.public, key_id, &place)?;
        Ok(Self { viewer, terms: GrantTerms::Sealed(sealed), text: terms.to_string(), not_before, not_after })
    }

    fn output(&self, relationship: RelationshipId, id: GrantId, done: &str, block: Value) -> Output {
        let viewer = viewer_text(&self.viewer);
        let json = json!({
            "relationship": relationship.to_string(),
            "rule": id,
            "done": done,
            "viewer": viewer,
            "terms": self.text,
            "not_before": self.not_before,
            "not_after": self.not_after,
            "block": block,
        });
        Output::new(json)
            .line(format!(
                "{relationship}: rule {id} {done} to {viewer}{}",
                span(self.not_before, self.not_after)
            ))
            .line(self.text.clone())
    }
}

impl Covers {
    /// The terms to seal, or nothing for everything.
    fn terms(self) -> anyhow::Result<Option<Terms>> {
        if self.everything {
            return Ok(None);
        }
        if let Some(terms) = self.terms {
            return Ok(Some(terms));
        }
        if self.scope.is_empty() {
            bail!("say what: --scope, several if need be, or --everything");
        }
        Ok(Some(Terms::new(self.scope, self.purpose, self.period, self.staff)?))
    }
}

fn rule_json(rule: &GrantFacts) -> Value {
    json!({
        "rule": rule.id,
        "viewer": viewer_text(&rule.grant.viewer),
        "effect": format!("{:?}", rule.grant.effect),
        "sealed": matches!(rule.grant.terms, GrantTerms::Sealed(_)),
        "not_before": rule.grant.not_before,
        "not_after": rule.grant.not_after,
        "may_share": rule.grant.may_share,
        "parent": rule.grant.parent,
        "sharer": rule.sharer.map(|person| person.to_string()),
    })
}

fn rule_line(rule: &GrantFacts) -> String {
    let GrantFacts { id, grant, sharer } = rule;
    let effect = match grant.effect {
        Effect::Allow => "allows",
        Effect::Deny => "denies",
    };
    let terms = match grant.terms {
        GrantTerms::Everything => "everything",
        GrantTerms::Sealed(_) => "sealed terms",
    };
    let parent = grant.parent.map(|parent| format!(", shared from rule {parent}")).unwrap_or_default();
    let sharer = sharer.map(|person| format!(" by {person}")).unwrap_or_default();
    format!(
        "rule {id:<4} {effect} {terms} to {}{}{parent}{sharer}",
        viewer_text(&grant.viewer),
        span(grant.not_before, grant.not_after)
    )
}

fn span(not_before: Option<Moment>, not_after: Option<Moment>) -> String {
    let part = |word: &str, moment: Option<Moment>| {
        moment.map(|m| format!(" {word} {}", time(m))).unwrap_or_default()
    };
    format!("{}{}", part("from", not_before), part("until", not_after))
}
