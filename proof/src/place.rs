//! Where in a resource something stands: names, and for items of arrays random tags instead of numbers.
//!
//! As text: steps with `/` between them, tags as `#` and 16 hexadecimal digits: `code/coding/#0f1e2d3c4b5a6978/code`. A
//! number would tell how many items come before.

/// The tag of an item of an array.
pub type Tag = [u8; 8];

/// A place with one more name.
pub fn named(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}/{name}")
    }
}

/// A place with one more item.
pub fn item(place: &str, tag: &Tag) -> String {
    format!("{place}/#{}", hex::encode(tag))
}

/// Whether a name can be a step: FHIR's are letters and digits, `_` in front of some.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
}
