//! `medrec-research credits`, `plans`.

use anyhow::Context as _;
use clap::Args;
use medrec_primitives::{
    research::{Plan, Table, TableId},
    MemberId, MemberRole, MemberStatus, Moment,
};
use serde_json::{json, Value};

use super::{answers::AnswerName, researcher};
use crate::{
    chain::research::Balance,
    cli::{
        context::Context,
        output::{printable, time, Output},
    },
    research::choice::purpose_words,
};

/// Show what you have earned.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec-research --key @institute.key credits")]
pub struct Credits {}

/// Show what providers plan.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec-research plans
  medrec-research plans --provider 0
  medrec-research plans --json

Titles come from the providers' gatekeepers and are checked against the chain; a table whose gatekeeper does not answer is shown by its
digest.")]
pub struct Plans {
    /// Only this provider's
    #[arg(long, value_name = "MEMBER")]
    provider: Option<MemberId>,
}

pub async fn credits(context: &Context, _: Credits) -> anyhow::Result<Output> {
    let member = researcher(context).await?;
    let earnings = context.chain().await?.finalised().await?.earnings(member).await?;
    Ok(Output::new(json!({
        "researcher": member,
        "spendable": earnings.spendable,
        "setAside": earnings.set_aside,
        "blocks": earnings.blocks,
    }))
    .line(format!("{} credits to spend, {} set aside for claims", earnings.spendable, earnings.set_aside))
    .line(format!("{} blocks in the running era, which are not credits yet", earnings.blocks)))
}

pub async fn plans(context: &Context, command: Plans) -> anyhow::Result<Output> {
    let state = context.chain().await?.finalised().await?;
    let now = state.timestamp().await?;
    let providers: Vec<MemberId> = match command.provider {
        Some(provider) => vec![provider],
        None => {
            let all = state.all_members().await?.into_iter();
            let provides = all.filter(|(_, member)| {
                member.role == MemberRole::Provider && member.status == MemberStatus::Active
            });
            provides.map(|(id, _)| id).collect()
        }
    };
    let (mut json, mut lines) = (Vec::new(), Vec::new());
    for provider in providers {
        let Some((plan, tables)) = state.research_plan(provider).await? else { continue };
        let budget = state.research_budget(provider).await?;
        let member = state.member(provider).await?.context("the provider is gone")?;
        lines.push(format!(
            "provider {provider}, {}: plan from {}; of rho 0.1 a year {} is left",
            printable(&member.name),
            time(plan.starts),
            millionths(budget.left)
        ));
        for (id, table) in tables {
            let title = title(context, provider, &table).await;
            lines.push(line(provider, id, &table, &title, now));
            json.push(entry(provider, id, &table, &title, &plan, budget.left));
        }
    }
    let output = Output::new(json!(json));
    Ok(if lines.is_empty() { output.line("no provider has published a plan") } else { output.lines(lines) })
}

async fn title(context: &Context, provider: MemberId, table: &Table<Balance>) -> String {
    let asked = async {
        let gatekeeper = context.gatekeeper(provider).await?;
        anyhow::Ok(gatekeeper.definition(&table.spec.definition).await?.title().to_owned())
    };
    match asked.await {
        Ok(title) => printable(title.as_bytes()),
        Err(_) => format!("0x{}", hex::encode(table.spec.definition)),
    }
}

/// The epochs that are over, and so can be claimed.
fn claimable(table: &Table<Balance>, now: Moment) -> usize {
    let over = |epoch: &u16| table.spec.ends(*epoch).is_some_and(|ends| ends <= now);
    (0..table.spec.epochs).take_while(over).count()
}

fn line(provider: MemberId, id: TableId, table: &Table<Balance>, title: &str, now: Moment) -> String {
    let over = claimable(table, now);
    let epochs = match (table.withdrawn, over) {
        (true, _) => "taken back".to_owned(),
        (_, 0) => format!("first epoch ends {}", time(table.spec.ends(0).unwrap_or_default())),
        (_, over) => {
            let last = u16::try_from(over.saturating_sub(1)).unwrap_or_default();
            let key = medrec_primitives::research::AnswerKey { provider, table: id, epoch: last };
            format!("{over} of {} epochs over, the last is {}", table.spec.epochs, AnswerName(key))
        }
    };
    let fee = table.spec.fee.map(|fee| format!(" and {} plancks", fee.amount)).unwrap_or_default();
    format!(
        "  table {id}: {title}; {} credits{fee}, rho {}, for {}; {epochs}",
        table.spec.price,
        millionths(table.spec.rho),
        purpose_words(table.spec.purposes).join(", ")
    )
}

fn entry(
    provider: MemberId,
    id: TableId,
    table: &Table<Balance>,
    title: &str,
    plan: &Plan,
    left: u32,
) -> Value {
    json!({
        "provider": provider,
        "table": id,
        "title": title,
        "definition": hex::encode(table.spec.definition),
        "kind": format!("{:?}", table.spec.kind),
        "purposes": purpose_words(table.spec.purposes),
        "first": table.spec.first,
        "length": table.spec.length,
        "epochs": table.spec.epochs,
        "rho": table.spec.rho,
        "price": table.spec.price,
        "fee": table.spec.fee.map(|fee| fee.amount.to_string()),
        "withdrawn": table.withdrawn,
        "planStarts": plan.starts,
        "rhoLeft": left,
    })
}

/// Millionths as a decimal number.
fn millionths(rho: u32) -> String {
    crate::research::definition::decimal(i64::from(rho), 6)
}
