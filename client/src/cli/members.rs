//! `medrec members`: the consortium's members.

use clap::Args;
use medrec_primitives::{Member, MemberId, MemberStatus};
use serde_json::{json, Value};

use super::{
    context::{address, Context},
    output::{printable, Output},
};

/// List the members of the consortium.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec members\n  medrec members --all --json")]
pub struct Members {
    /// Those too that only applied, are suspended or were removed
    #[arg(long)]
    all: bool,
}

pub async fn run(context: &Context, command: Members) -> anyhow::Result<Output> {
    let state = context.chain().await?.finalised().await?;
    let mut members = state.all_members().await?;
    members.retain(|(_, member)| command.all || member.status == MemberStatus::Active);
    let json: Vec<Value> = members.iter().map(|(id, member)| as_json(*id, member)).collect();
    let output = Output::new(json!(json));
    if members.is_empty() {
        let hint = if command.all {
            "nobody has applied yet"
        } else {
            "no active members; --all shows applicants too"
        };
        return Ok(output.line(hint));
    }
    Ok(output.lines(members.iter().map(|(id, member)| {
        format!(
            "{id:>4}  {:<10} {:<10} {:<32} {}",
            format!("{:?}", member.role),
            format!("{:?}", member.status),
            printable(&member.name),
            printable(&member.url),
        )
    })))
}

/// A member for programs.
pub fn as_json(id: MemberId, member: &Member) -> Value {
    json!({
        "member": id,
        "role": format!("{:?}", member.role),
        "status": format!("{:?}", member.status),
        "name": String::from_utf8_lossy(&member.name),
        "url": String::from_utf8_lossy(&member.url),
        "account": address(&member.account),
        "gatekeeper": address(&member.gatekeeper),
        "sealing_key": member.sealing_key,
    })
}
