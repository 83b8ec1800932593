//! One spelling for every JSON value: no blanks, names sorted, numbers as they were written.
//!
//! Whoever holds a text in this spelling cannot have it altered by a single byte without altering its value.

use serde_json::Value;

use crate::Altered;

/// The value's one spelling.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// The value of a text in this spelling, and of no other.
pub fn parse(text_given: &str) -> Result<Value, Altered> {
    let value: Value = serde_json::from_str(text_given).map_err(|_| Altered::NotJson)?;
    if text(&value) == text_given {
        Ok(value)
    } else {
        Err(Altered::Spelling)
    }
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(object) => {
            let mut names: Vec<&String> = object.keys().collect();
            names.sort_unstable();
            out.push('{');
            for (place, name) in names.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                if let Some(value) = object.get(name) {
                    write(value, out);
                }
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn parse_should_refuse_every_other_spelling() {
        let good = r#"{"a":[1.50,"x\n",null],"b":{"c":true}}"#;
        assert_eq!(text(&parse(good).unwrap()), good);
        for other in [
            r#"{"b":{"c":true},"a":[1.50,"x\n",null]}"#,
            r#"{ "a":[1.50,"x\n",null],"b":{"c":true}}"#,
            r#"{"a":[1.50,"\u0078\n",null],"b":{"c":true}}"#,
            r#"{"a":[1.50,"x\n",null],"b":{"c":true,"c":true}}"#,
            r#"{"a":[1.50,"x\n",null],"b":{"c":true}} "#,
        ] {
            assert_eq!(parse(other), Err(Altered::Spelling), "{other}");
        }
        assert_eq!(parse("{"), Err(Altered::NotJson));
    }
}
