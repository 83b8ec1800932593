//! Tests of the command line, without a chain.
#![allow(clippy::unwrap_used)]

use clap::{CommandFactory, Parser};
use medrec_primitives::Viewer;

use super::{
    args::{viewer_text, When},
    Cli,
};
use crate::tests::{account, ALICE};

#[test]
fn command_line_should_be_consistent_when_checked() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_should_have_examples_and_help_when_shown() {
    fn check(command: &clap::Command, path: &str) {
        let path = format!("{path} {}", command.get_name());
        assert!(command.get_about().is_some(), "{path} says nothing about itself");
        let subcommands: Vec<_> = command.get_subcommands().filter(|sub| sub.get_name() != "help").collect();
        if subcommands.is_empty() {
            let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(examples.contains("medrec "), "{path} has no examples");
        }
        for argument in command.get_arguments() {
            assert!(
                argument.get_help().is_some() || argument.is_global_set(),
                "{path}: {} has no help",
                argument.get_id()
            );
        }
        subcommands.into_iter().for_each(|sub| check(sub, &path));
    }
    let mut command = Cli::command();
    command.build();
    check(&command, "");
}

#[test]
fn arguments_should_not_hide_a_common_option_when_named() {
    fn check(command: &clap::Command, common: &[String]) {
        for argument in command.get_arguments().filter(|argument| !argument.is_global_set()) {
            let id = argument.get_id().to_string();
            assert!(!common.contains(&id), "{}: {id} is an option of every command", command.get_name());
        }
        command.get_subcommands().for_each(|sub| check(sub, common));
    }
    let command = Cli::command();
    let common: Vec<_> =
        command.get_arguments().filter(|a| a.is_global_set()).map(|a| a.get_id().to_string()).collect();
    assert!(common.contains(&"key".to_owned()));
    check(&command, &common);
}

#[test]
fn commands_should_be_read_when_as_in_the_examples() {
    let scope = "patient/Observation.rs?category=laboratory";
    for line in [
        vec!["medrec", "keys", "new", "--out", "carol.key"],
        vec!["medrec", "--key", "@carol.key", "enrol", "--number", "0", "medrec-ticket:v1:x", "--accept"],
        vec![
            "medrec",
            "grant",
            "r0-3",
            "--to",
            ALICE,
            "--scope",
            scope,
            "--purpose",
            "TREAT",
            "--until",
            "+30d",
        ],
        vec![
            "medrec",
            "grant",
            "r0-3",
            "--to",
            "member:0",
            "--staff",
            "s0-4",
            "--scope",
            "patient/*.rs",
            "--purpose",
            "TREAT",
        ],
        vec!["medrec", "grant", "r0-3", "--to", "group:1", "--everything", "--json"],
        vec!["medrec", "deny", "r0-3", "--to", "group:1", "--scope", "patient/Observation.rs?_security=PSY"],
        vec!["medrec", "revoke", "r0-3", "0", "--in-block"],
        vec!["medrec", "revoke-all", "r0-3", ALICE],
        vec!["medrec", "revoke-all", "r0-3", "group:1"],
        vec!["medrec", "rules", "r0-3"],
        vec!["medrec", "share", "r0-3", "4", "--to", "member:2", "--scope", scope, "--purpose", "TREAT"],
        vec!["medrec", "--key", "@er.key", "break-glass", "r0-3", "--reason", "unconscious"],
        vec!["medrec", "close-glass", "r0-3", "g1-0"],
        vec!["medrec", "glasses", "r0-3"],
        vec!["medrec", "council", "reviews", "--of", "1"],
        vec!["medrec", "council", "review", "justified", "g1-0", "g1-1", "--with", "//Bob"],
        vec![
            "medrec",
            "search",
            "r0-3",
            "Observation",
            "category=laboratory",
            "date=ge2020-01-01",
            "--purpose",
            "TREAT",
        ],
        vec!["medrec", "council", "admit", "0", "--with", "//Bob", "--with", "//Charlie", "--key", "//Alice"],
        vec!["medrec", "request", "r0-3", "Observation?category=laboratory", "--until", "+7d"],
        vec!["medrec", "requests"],
        vec!["medrec", "requests", "r0-3", "--json"],
        vec!["medrec", "approve", "q0-3"],
        vec!["medrec", "decline", "q0-3"],
        vec!["medrec", "cancel", "q0-3", "--in-block"],
        vec!["medrec", "pick-up", "q0-3"],
        vec!["medrec", "council", "vote", "3", "yes"],
        vec!["medrec", "grant", "r0-3", "r1-7", "--to", "group:0", "--everything", "--spread", "3d"],
        vec!["medrec", "accept", "r0-3", "r1-7", "--at-once"],
        vec!["medrec", "suspend", "r0-3", "r1-7"],
        vec!["medrec", "rekey", "redeem", "--number", "0", "medrec-ticket:v1:x"],
        vec!["medrec", "rekey", "status", "r0-3"],
        vec!["medrec", "provider", "staff", "add", ALICE, "--role", "clinician", "--until", "+365d"],
        vec!["medrec", "provider", "group", "create", "Emergency rooms"],
        vec!["medrec", "suspend", "r0-3"],
        vec!["medrec", "acknowledge", "r0-3", "0", "2"],
        vec!["medrec", "emergency", "r0-3", "--opt-out", "true", "--over-denials", "false"],
        vec!["medrec", "custodian", "set", "r0-3"],
        vec!["medrec", "inactivity", "r0-3", "--days", "365"],
        vec!["medrec", "step-in", "r0-3"],
        vec!["medrec", "rekey", "request", "r0-3", ALICE, "--ticket", "@ticket.txt"],
        vec!["medrec", "rekey", "veto", "r0-3"],
        vec![
            "medrec",
            "provider",
            "propose-minor",
            ALICE,
            "--ticket",
            "@ticket.txt",
            "--handover",
            "2031-07-01",
        ],
        vec!["medrec", "provider", "enrol-patient", "r0-3", ALICE, "--ticket", "@ticket.txt"],
        vec!["medrec", "provider", "confirm-step-in", "r0-3"],
    ] {
        Cli::try_parse_from(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
    }
}

#[test]
fn commands_should_be_refused_when_they_make_no_sense() {
    for line in [
        vec!["medrec"],
        vec!["medrec", "grant", "r0-3"],
        vec!["medrec", "grant", "r0-03", "--to", ALICE, "--everything"],
        vec!["medrec", "grant", "r0-3", "--to", "somebody", "--everything"],
        vec!["medrec", "grant", "r0-3", "--to", ALICE, "--everything", "--scope", "patient/*.rs"],
        vec!["medrec", "grant", "r0-3", "--to", ALICE, "--scope", "patient/Nonsense.rs"],
        vec!["medrec", "grant", "r0-3", "--to", ALICE, "--scope", "patient/*.rs", "--purpose", "TREATS"],
        vec!["medrec", "grant", "r0-3", "--to", ALICE, "--everything", "--until", "tomorrow"],
        vec!["medrec", "search", "r0-3", "Observation", "category"],
        vec!["medrec", "request", "r0-3"],
        vec!["medrec", "approve", "r0-3"],
        vec!["medrec", "pick-up", "q0-03"],
        vec!["medrec", "council", "vote", "3", "maybe"],
        vec!["medrec", "council", "review", "justified"],
        vec!["medrec", "break-glass", "r0-3"],
        vec!["medrec", "close-glass", "r0-3", "s1-0"],
        vec!["medrec", "share", "r0-3", "--to", ALICE, "--everything"],
        vec!["medrec", "--type", "rsa", "keys", "show"],
        vec!["medrec", "custodian", "set", "r0-3", ALICE],
        vec!["medrec", "emergency", "r0-3"],
        vec!["medrec", "rekey", "reproof", "r0-3", ALICE],
        vec!["medrec", "accept"],
        vec!["medrec", "accept", "r0-3", "--at-once", "--spread", "3d"],
        vec!["medrec", "suspend", "r0-3", "--at-once"],
    ] {
        assert!(Cli::try_parse_from(&line).is_err(), "{line:?}");
    }
}

#[test]
fn secrets_should_stay_unseen_when_the_command_line_is_debugged() {
    let cli = Cli::try_parse_from(["medrec", "--key", "bottom drive obey", "keys", "show"]).unwrap();
    assert!(!format!("{cli:?}").contains("bottom"));
}

#[test]
fn when_should_be_this_time_when_read() {
    let at = |text: &str| text.parse::<When>().map(|when| when.exact(1_000));
    assert_eq!(at("1970-01-02"), Ok(86_400_000));
    assert_eq!(at("1970-01-01T01:00:00Z"), Ok(3_600_000));
    assert_eq!(at("1970-01-01T01:00:00+01:00"), Ok(0));
    assert_eq!(at("+2d"), Ok(172_801_000));
    assert_eq!(at("+3h"), Ok(10_801_000));
    assert_eq!(at("+45m"), Ok(2_701_000));
    assert_eq!(at("+0s"), Ok(1_000));
    for text in
        ["", "+", "+d", "+1", "+1w", "+-1d", "+1dd", "1969-12-31", "2027-02-30", "now", "+99999999999999999d"]
    {
        assert!(at(text).is_err(), "{text}");
    }
}

#[test]
fn when_should_be_rounded_up_when_counted_from_now() {
    // 1 July 2026, some time after noon.
    let now = 1_782_864_000_000 + 45_296_789;
    let at = |text: &str| text.parse::<When>().unwrap().rounded(now) - 1_782_864_000_000;
    let hour = 3_600_000;
    assert_eq!(at("+30d"), 31 * 24 * hour);
    assert_eq!(at("+1d"), 2 * 24 * hour);
    assert_eq!(at("+12h"), 25 * hour);
    assert_eq!(at("+45m"), 13 * hour + hour / 3);
    assert_eq!(at("+90s"), 12 * hour + 37 * 60_000);
    assert_eq!("2026-07-01T12:34:56.789Z".parse::<When>().unwrap().rounded(now), now);
    // Whoever signs at another time of the day gets the same.
    let later = "+30d".parse::<When>().unwrap().rounded(now + 7 * hour);
    assert_eq!(later - 1_782_864_000_000, at("+30d"));
}

#[test]
fn viewer_should_return_unchanged_when_printed_and_parsed() {
    for viewer in [Viewer::Key(account(ALICE)), Viewer::Member(3), Viewer::Group(0)] {
        let text = viewer_text(&viewer);
        assert_eq!(text.parse::<super::args::ViewerArg>().unwrap().0, viewer);
    }
}
