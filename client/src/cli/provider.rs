//! `medrec provider`: apply for membership and look after it.

use anyhow::{bail, ensure};
use clap::{Subcommand, ValueEnum};
use medrec_primitives::{GroupId, MemberId, MemberRole, RelationshipId};
use serde_json::json;

use super::{
    args::{Address, Bytes32, When},
    context::{address, Context},
    custody::ensure_half_year,
    enrol,
    output::Output,
    people,
    relationships::{block, in_block},
};
use crate::chain::{
    calls::{self, Call},
    events::{Applied, DepositWithdrawn, GroupCreated, MinorProposed, Proposed, SealingKeyRotated},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Apply for membership; the key's account is the member's from then on
    #[command(after_help = "\
Examples:
  medrec --key @hospital.key provider apply --name 'Hillcrest Hospital' --url https://gatekeeper.hillcrest.example \\
      --gatekeeper 5Dfh... --sealing-key 0x2f8c...

medrec-gatekeeper init prints the gatekeeper's address and sealing key.")]
    Apply {
        /// The name as it is shown; no other member may have one like it
        #[arg(long)]
        name: String,
        /// Where the gatekeeper answers
        #[arg(long, default_value = "")]
        url: String,
        /// The gatekeeper's address (its sr25519 key)
        #[arg(long, value_name = "ADDRESS")]
        gatekeeper: Address,
        /// The gatekeeper's X25519 public key
        #[arg(long, value_name = "HEX")]
        sealing_key: Bytes32,
        /// What the member will do
        #[arg(long, value_enum, default_value_t = Role::Provider)]
        role: Role,
    },
    /// Withdraw an application
    #[command(after_help = "Examples:\n  medrec --key @hospital.key provider withdraw")]
    Withdraw,
    /// Change the name, the gatekeeper's address, or both
    #[command(
        after_help = "Examples:\n  medrec --key @hospital.key provider update --url https://new.hillcrest.example"
    )]
    Update {
        /// The new name
        #[arg(long)]
        name: Option<String>,
        /// The gatekeeper's new web address
        #[arg(long)]
        url: Option<String>,
    },
    /// Give the gatekeeper a new key
    #[command(after_help = "Examples:\n  medrec --key @hospital.key provider rotate-gatekeeper-key 5Dfh...")]
    RotateGatekeeperKey {
        /// The new key's address
        gatekeeper: Address,
    },
    /// Publish a new sealing key
    #[command(after_help = "Examples:\n  medrec --key @hospital.key provider rotate-sealing-key 0x2f8c...")]
    RotateSealingKey {
        /// The new X25519 public key
        public: Bytes32,
    },
    /// Put money where proposals take it from: deposits for relationships, or the gatekeeper's fees
    #[command(after_help = "\
Examples:
  medrec --key @hospital.key provider fund 100000000000000                  for deposits
  medrec --key @hospital.key provider fund 1000000000000 --what fees       for the gatekeeper's fees")]
    Fund {
        /// How much, in the smallest unit
        amount: u128,
        /// For what
        #[arg(long, value_enum, default_value_t = What::Deposits)]
        what: What,
        /// Whose; the key's own member unless given
        #[arg(long, value_name = "NUMBER")]
        member: Option<MemberId>,
    },
    /// Take back what is free on the account for deposits; what is held comes free when relationships end
    #[command(after_help = "\
Examples:
  medrec --key @hospital.key provider reclaim                              all that is free
  medrec --key @hospital.key provider reclaim 50000000000000")]
    Reclaim {
        /// How much, in the smallest unit; all that is free unless given
        amount: Option<u128>,
    },
    /// Propose a relationship by hand, as the gatekeeper does when a ticket is redeemed
    #[command(
        after_help = "Examples:\n  medrec --key @gatekeeper.key provider propose 5Fv9... --ticket @ticket.txt"
    )]
    Propose {
        /// The patient's fresh account
        patient: Address,
        /// The ticket that the patient holds, or @FILE with it
        #[arg(long)]
        ticket: String,
    },
    /// Propose a relationship for a minor by hand
    #[command(after_help = "\
Examples:
  medrec --key @gatekeeper.key provider propose-minor 5Fv9... --ticket @ticket.txt --handover 2031-07-01")]
    ProposeMinor {
        /// The guardian's fresh account
        guardian: Address,
        /// The ticket that the guardian holds, or @FILE with it
        #[arg(long)]
        ticket: String,
        /// When the minor comes of age, rounded to 1 January or 1 July
        #[arg(long, value_name = "DATE")]
        handover: When,
    },
    /// Enrol the own key of a patient who has come of age
    #[command(
        after_help = "Examples:\n  medrec --key @gatekeeper.key provider enrol-patient r0-3 5Fv9... --ticket @ticket.txt"
    )]
    EnrolPatient {
        /// The relationship, such as r0-3
        relationship: RelationshipId,
        /// The patient's fresh account
        patient: Address,
        /// The ticket that the patient holds, or @FILE with it
        #[arg(long)]
        ticket: String,
    },
    /// Confirm that custodians step in for a patient who has been silent
    #[command(after_help = "Examples:\n  medrec --key @hospital.key provider confirm-step-in r0-3")]
    ConfirmStepIn {
        /// The relationship, such as r0-3
        relationship: RelationshipId,
    },
    /// People on the staff
    #[command(subcommand)]
    Staff(people::Command),
    /// Groups of members
    #[command(subcommand)]
    Group(Group),
}

/// Groups of members, such as all emergency rooms of a country.
#[derive(Debug, Subcommand)]
pub enum Group {
    /// Open a group, which this member then keeps
    #[command(
        after_help = "Examples:\n  medrec --key @ministry.key provider group create 'Emergency rooms'"
    )]
    Create {
        /// The name as it is shown
        name: String,
    },
    /// Put a member into a group
    #[command(after_help = "Examples:\n  medrec --key @ministry.key provider group add 0 3")]
    Add {
        /// The group's number
        group: GroupId,
        /// The member's number
        member: MemberId,
    },
    /// List the members of a group
    #[command(after_help = "Examples:\n  medrec provider group list 0")]
    List {
        /// The group's number
        group: GroupId,
    },
    /// Take a member out of a group
    #[command(after_help = "Examples:\n  medrec --key @ministry.key provider group remove 0 3")]
    Remove {
        /// The group's number
        group: GroupId,
        /// The member's number
        member: MemberId,
    },
    /// Dissolve a group that has no members; its deposit comes back
    #[command(after_help = "Examples:\n  medrec --key @ministry.key provider group dissolve 0")]
    Dissolve {
        /// The group's number
        group: GroupId,
    },
}

/// What money is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// The account on which deposits for relationships are held
    Deposits,
    /// The gatekeeper's own account
    Fees,
}

/// What a member does.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Role {
    /// Keeps patients' records
    Provider,
    /// Runs a collator for statistics
    Researcher,
    /// Keeps a group of members
    GroupOwner,
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<Output> {
    match command {
        Command::Apply { name, url, gatekeeper, sealing_key, role } => {
            let role = match role {
                Role::Provider => MemberRole::Provider,
                Role::Researcher => MemberRole::Researcher,
                Role::GroupOwner => MemberRole::GroupOwner,
            };
            let call = calls::registry::apply(role, &name, &url, &gatekeeper.0, sealing_key.0);
            let done = context.submit(&call, &context.key()?).await?;
            let member = done.expect::<Applied>()?.member;
            Ok(Output::new(json!({ "member": member, "done": "applied", "block": block(&done) })).line(
                format!("{name} has applied as member {member}, {}; the council votes", in_block(&done)),
            ))
        }
        Command::Withdraw => simple(context, calls::registry::withdraw(), "application withdrawn").await,
        Command::Update { name, url } => {
            ensure!(name.is_some() || url.is_some(), "say what changes: --name, --url, or both");
            simple(context, calls::registry::update(name.as_deref(), url.as_deref()), "member updated").await
        }
        Command::RotateGatekeeperKey { gatekeeper } => {
            simple(
                context,
                calls::registry::rotate_gatekeeper_key(&gatekeeper.0),
                "gatekeeper's key replaced",
            )
            .await
        }
        Command::RotateSealingKey { public } => {
            let done =
                context.submit(&calls::registry::rotate_sealing_key(public.0), &context.key()?).await?;
            let key = done.expect::<SealingKeyRotated>()?.key;
            Ok(Output::new(json!({ "key": key, "done": "rotated", "block": block(&done) }))
                .line(format!("sealing key {key} is the current one, {}", in_block(&done))))
        }
        Command::Fund { amount, what, member } => fund(context, amount, what, member).await,
        Command::Reclaim { amount } => {
            let call = calls::relationships::withdraw_deposit(amount);
            let done = context.submit(&call, &context.key()?).await?;
            let event = done.expect::<DepositWithdrawn>()?;
            // As text: numbers of this size do not survive every JSON reader.
            let json =
                json!({ "member": event.member, "amount": event.amount.to_string(), "block": block(&done) });
            let words = format!("{} back from member {}'s deposits", event.amount, event.member);
            Ok(Output::new(json).line(format!("{words}, {}", in_block(&done))))
        }
        Command::Propose { patient, ticket } => {
            let ticket = enrol::read(&ticket)?;
            let call = calls::relationships::propose(&patient.0, ticket.secret.digest());
            let done = context.submit(&call, &context.key()?).await?;
            let relationship = done.expect::<Proposed>()?.relationship.to_string();
            let line = format!("{relationship} proposed to {}, {}", address(&patient.0), in_block(&done));
            Ok(Output::new(
                json!({ "relationship": relationship, "done": "proposed", "block": block(&done) }),
            )
            .line(line))
        }
        Command::ProposeMinor { guardian, ticket, handover } => {
            let ticket = enrol::read(&ticket)?;
            let now = context.chain().await?.finalised().await?.timestamp().await?;
            let handover = handover.exact(now);
            ensure_half_year(handover)?;
            let call = calls::relationships::propose_minor(&guardian.0, handover, ticket.secret.digest());
            let done = context.submit(&call, &context.key()?).await?;
            let relationship = done.expect::<MinorProposed>()?.relationship.to_string();
            let line = format!("{relationship} proposed to {}, {}", address(&guardian.0), in_block(&done));
            Ok(Output::new(
                json!({ "relationship": relationship, "done": "proposed", "block": block(&done) }),
            )
            .line(line))
        }
        Command::EnrolPatient { relationship, patient, ticket } => {
            let ticket = enrol::read(&ticket)?.secret.digest();
            let call = calls::relationships::enrol_patient(relationship, &patient.0, ticket);
            simple(context, call, &format!("{relationship}: patient's key enrolled")).await
        }
        Command::ConfirmStepIn { relationship } => {
            let call = calls::relationships::confirm_step_in(relationship);
            simple(context, call, &format!("{relationship}: step-in confirmed")).await
        }
        Command::Staff(command) => people::run(context, command).await,
        Command::Group(Group::Create { name }) => {
            let done = context.submit(&calls::registry::create_group(&name), &context.key()?).await?;
            let group = done.expect::<GroupCreated>()?.group;
            Ok(Output::new(json!({ "group": group, "done": "created", "block": block(&done) }))
                .line(format!("{name} is group {group}, {}", in_block(&done))))
        }
        Command::Group(Group::Add { group, member }) => {
            let words = format!("member {member} added to group {group}");
            simple(context, calls::registry::add_to_group(group, member), &words).await
        }
        Command::Group(Group::List { group }) => {
            let members = context.chain().await?.finalised().await?.group_members(group).await?;
            let lines: Vec<_> = members.iter().map(|member| format!("member {member}")).collect();
            Ok(Output::new(json!({ "group": group, "members": members })).lines(lines))
        }
        Command::Group(Group::Remove { group, member }) => {
            let words = format!("member {member} taken out of group {group}");
            simple(context, calls::registry::remove_from_group(group, member), &words).await
        }
        Command::Group(Group::Dissolve { group }) => {
            let words = format!("group {group} dissolved");
            simple(context, calls::registry::dissolve_group(group), &words).await
        }
    }
}

async fn fund(
    context: &Context,
    amount: u128,
    what: What,
    member: Option<MemberId>,
) -> anyhow::Result<Output> {
    let key = context.key()?;
    let state = context.chain().await?.finalised().await?;
    let id = match member {
        Some(member) => Some(member),
        None => state.member_of(&key.account()).await?,
    };
    let Some(id) = id else {
        bail!("this key signs for no member; say whose with --member");
    };
    let Some(member) = state.member(id).await? else { bail!("there is no member {id}") };
    let (account, words) = match what {
        What::Deposits => (calls::balances::deposit_account(id), "deposits"),
        What::Fees => (member.gatekeeper, "gatekeeper's fees"),
    };
    let done = context.submit(&calls::balances::transfer_keep_alive(&account, amount), &key).await?;
    let to = address(&account);
    // As text: numbers of this size do not survive every JSON reader.
    let json = json!({ "member": id, "account": to, "amount": amount.to_string(), "block": block(&done) });
    Ok(Output::new(json).line(format!("{amount} to {to} for member {id}'s {words}, {}", in_block(&done))))
}

/// Submits a call after which there is nothing more to say than that it is done.
pub async fn simple(context: &Context, call: Call, done: &str) -> anyhow::Result<Output> {
    let submitted = context.submit(&call, &context.key()?).await?;
    Ok(Output::new(json!({ "done": done, "block": block(&submitted) }))
        .line(format!("{done}, {}", in_block(&submitted))))
}
