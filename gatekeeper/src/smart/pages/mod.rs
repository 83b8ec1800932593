//! The pages that a user sees between an app's request and its answer.
//!
//! Plain forms, which work without scripts; one script of ours asks a wallet in the browser. Nothing comes from elsewhere.

use medrec_policy::{scope::Scope, Purpose};
use medrec_primitives::RelationshipId;

use super::{
    request::Authorization,
    scopes::{Scopes, OFFLINE},
};
use crate::form::encode;

/// The script.
pub const SCRIPT: &str = include_str!("wallet.js");

/// The style.
pub const STYLE: &str = include_str!("style.css");

/// Purposes that stand at the top of the list, in words that people use.
const COMMON: [(Purpose, &str); 6] = [
    (Purpose::PatientRequest, "My own records, or those of someone I act for"),
    (Purpose::Treatment, "Treatment"),
    (Purpose::CareCoordination, "Coordination of care"),
    (Purpose::FamilyRequest, "As family of the patient"),
    (Purpose::EmergencyTreatment, "Emergency, after breaking the glass on chain"),
    (Purpose::Research, "Research"),
];

/// A patient to pick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The relationship.
    pub relationship: RelationshipId,
    /// Whether the account owns the records or acts for who does.
    pub own: bool,
}

/// Text as it may stand in HTML, also between quotes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("&#10;"),
            letter => out.push(letter),
        }
    }
    out
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{0}</title>\n<link rel=\"stylesheet\" href=\"/smart/style.css\">\n\
         <script src=\"/smart/wallet.js\" defer></script>\n<main>\n<h1>{0}</h1>\n{body}\n</main>\n</html>\n",
        escape(title)
    )
}

fn alert(text: Option<&str>) -> String {
    text.map(|text| format!("<p role=\"alert\">{}</p>", escape(text))).unwrap_or_default()
}

/// `action`, with the request's own query, so that the next page can read the request again.
fn action(step: &str, query: &str) -> String {
    escape(&format!("/smart/{step}?{query}"))
}

/// A page that ends here.
pub fn end(text: &str) -> String {
    page(
        "This did not work",
        &format!("<p role=\"alert\">{}</p><p>Go back to the app and try again.</p>", escape(text)),
    )
}

/// Who asks, and what for.
pub fn account(request: &Authorization<'_>, query: &str, problem: Option<&str>) -> String {
    let option = |purpose: &Purpose, text: &str| {
        format!("<option value=\"{purpose}\">{} ({purpose})</option>", escape(text))
    };
    let common: String = COMMON.iter().map(|(purpose, text)| option(purpose, text)).collect();
    let others = Purpose::ALL.iter().filter(|purpose| !COMMON.iter().any(|(common, _)| common == *purpose));
    let others: String =
        others.map(|purpose| format!("<option value=\"{purpose}\">{purpose}</option>")).collect();
    let body = format!(
        "{alert}<p><strong>{name}</strong> asks to read medical records for you. Say first who you are.</p>\
         <div id=\"wallet\" hidden><button id=\"connect\" type=\"button\">Show my wallet's accounts</button></div>\
         <p id=\"wallet-says\" role=\"alert\" hidden></p>\
         <form method=\"post\" action=\"{action}\">\
         <label id=\"wallet-accounts\" hidden>Account in the wallet <select id=\"accounts\"></select></label>\
         <label>Your account <input type=\"text\" name=\"account\" id=\"account\" required autocomplete=\"off\" spellcheck=\"false\" \
         placeholder=\"its address, such as 5Grw...\"></label>\
         <label>What for <select name=\"purpose\">{common}<optgroup label=\"Other purposes\">{others}</optgroup></select></label>\
         <p><small>The purpose is checked against what the patient allowed, and the patient sees it.</small></p>\
         <button class=\"first\">Go on</button></form>",
        alert = alert(problem),
        name = escape(&request.client.name),
        action = action("challenge", query),
    );
    page("Sign in", &body)
}

/// The text to sign.
pub fn sign(account: &str, message: &str, query: &str, problem: Option<&str>) -> String {
    let body = format!(
        "{alert}<p>Sign this text with your wallet. The signature moves no funds and permits nothing by itself.</p>\
         <pre>{message}</pre>\
         <div id=\"wallet\" hidden><button class=\"first\" id=\"sign\" type=\"button\" data-address=\"{account}\" data-message=\"{message}\">\
         Sign with my wallet</button></div>\
         <p id=\"wallet-says\" role=\"alert\" hidden></p>\
         <form id=\"signed\" method=\"post\" action=\"{action}\">\
         <input type=\"hidden\" name=\"message\" value=\"{message}\">\
         <label>Or sign it elsewhere, as it is or between &lt;Bytes&gt; and &lt;/Bytes&gt;, and paste the signature \
         <textarea name=\"signature\" id=\"signature\" rows=\"3\" required spellcheck=\"false\" placeholder=\"0x...\"></textarea></label>\
         <button>Go on</button></form>",
        alert = alert(problem),
        message = escape(message),
        account = escape(account),
        action = action("sign-in", query),
    );
    page("Sign in", &body)
}

/// Whose records, and how far.
pub fn consent(
    request: &Authorization<'_>,
    query: &str,
    proof: &str,
    choices: &[Choice],
    problem: Option<&str>,
) -> String {
    let only = choices.len() == 1;
    let choice = |choice: &Choice| {
        let Choice { relationship, own } = choice;
        let text = if *own { "yours, or of someone you act for" } else { "granted to you" };
        let checked = if only { " checked" } else { "" };
        format!("<label><input type=\"radio\" name=\"patient\" value=\"{relationship}\"{checked}> {relationship} <small>({text})</small></label>")
    };
    let listed: String = choices.iter().map(choice).collect();
    let Scopes { data, offline, .. } = &request.scopes;
    let scope = |scope: &Scope| {
        format!(
            "<label><input type=\"checkbox\" name=\"scope\" value=\"{0}\" checked> {1} <small><code>{0}</code></small></label>",
            escape(&scope.to_string()),
            escape(&in_words(scope))
        )
    };
    let scopes: String = data.iter().map(scope).collect();
    let offline = if *offline {
        format!("<label><input type=\"checkbox\" name=\"scope\" value=\"{OFFLINE}\" checked> go on after you have left, for a limited time</label>")
    } else {
        String::new()
    };
    let body = format!(
        "{alert}<form method=\"post\" action=\"{action}\">\
         <input type=\"hidden\" name=\"proof\" value=\"{proof}\">\
         <fieldset><legend>Whose records</legend>{listed}\
         <label>Another relationship <input type=\"text\" name=\"other\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\"such as r0-3\"></label></fieldset>\
         <fieldset><legend>What <strong>{name}</strong> may do</legend>{scopes}{offline}</fieldset>\
         <p><small>The app gets no more than this, and at no time more than the patient's rules allow you. Records that are marked as \
         sensitive stay out unless a line above names the mark.</small></p>\
         <button class=\"first\" name=\"answer\" value=\"allow\">Allow</button>\
         <button name=\"answer\" value=\"deny\" formnovalidate>Deny</button></form>",
        alert = alert(problem),
        action = action("consent", query),
        proof = escape(proof),
        name = escape(&request.client.name),
    );
    page("What the app may do", &body)
}

/// A scope for people.
fn in_words(scope: &Scope) -> String {
    let text = scope.to_string();
    let (head, limits) =
        text.split_once('?').map_or((text.as_str(), None), |(head, rest)| (head, Some(rest)));
    let kind = head.trim_start_matches("patient/").split('.').next().unwrap_or_default();
    let kind = if kind == "*" { "records of all kinds" } else { kind };
    let actions: Vec<&str> = scope
        .actions()
        .iter()
        .map(|action| match action.letter() {
            'c' => "add",
            'r' => "read",
            'u' => "change",
            'd' => "delete",
            _ => "search",
        })
        .collect();
    // Labels do not narrow a scope: they add what is sensitive to what is not.
    let (sensitive, narrowing): (Vec<&str>, Vec<&str>) = limits
        .into_iter()
        .flat_map(|limits| limits.split('&'))
        .partition(|limit| limit.starts_with("_security="));
    let narrowed = match narrowing.is_empty() {
        true => String::new(),
        false => format!(", limited to {}", narrowing.join(" and ")),
    };
    let added = sensitive.iter().filter_map(|limit| limit.split_once('='));
    let added: String =
        added.map(|(_, labels)| format!(", also those labelled as sensitive by {labels}")).collect();
    format!("{} {kind}{narrowed}{added}", actions.join(", "))
}

/// The query of an authorization request in one spelling, so that it can stand in a form's address.
pub fn repeated(pairs: &[(String, String)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        encode(name, &mut query);
        query.push('=');
        encode(value, &mut query);
    }
    query
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn page_should_hold_no_markup_of_others_when_they_try() {
        let client = crate::config::Client {
            id: "x".into(),
            name: "<script>alert(1)</script>".into(),
            redirect_uris: Vec::new(),
        };
        let request = Authorization {
            client: &client,
            redirect: String::new(),
            state: "\"><b>".into(),
            scopes: Scopes::parse("patient/Observation.rs").unwrap(),
            challenge: String::new(),
        };
        let query = "a=\"><i>";
        for html in [
            account(&request, query, Some("<u>")),
            sign("5\"><s>", "a\n\"><s>", query, Some("<u>")),
            consent(&request, query, "\"><s>", &[], Some("<u>")),
            end("<u>"),
        ] {
            assert_eq!(html.matches("<script").count(), 1, "{html}");
            for tag in ["<b>", "<i>", "<u>", "<s>"] {
                assert!(!html.contains(tag), "{tag}: {html}");
            }
        }
    }

    #[test]
    fn scope_should_be_told_in_words() {
        let words = |text: &str| in_words(&text.parse().unwrap());
        assert_eq!(words("patient/*.rs"), "read, search records of all kinds");
        assert_eq!(
            words("patient/Observation.cr?category=laboratory&_elements=code"),
            "add, read Observation, limited to category=laboratory and _elements=code"
        );
        assert_eq!(
            words("patient/Observation.r?category=laboratory&_security=ETH,PSY&_elements=code"),
            "read Observation, limited to category=laboratory and _elements=code, also those labelled as sensitive by ETH,PSY"
        );
    }
}
