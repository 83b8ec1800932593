//! Lists in texts: sorted, without duplicates, not empty.

use alloc::vec::Vec;
use core::{cmp::Ordering, fmt};

use crate::error::{quote, ParseError};

/// Reads the items of `text`, which `separator` separates, and checks that they ascend by `compare`.
///
/// An empty text is one empty item, which `read` refuses as it does any other.
pub(crate) fn read<'a, T>(
    text: &'a str,
    separator: char,
    read: impl Fn(&'a str) -> Result<T, ParseError>,
    compare: impl Fn((&T, &str), (&T, &str)) -> Ordering,
) -> Result<Vec<T>, ParseError> {
    let mut items: Vec<T> = Vec::new();
    let mut last = "";
    for part in text.split(separator) {
        let item = read(part)?;
        if let Some(previous) = items.last() {
            match compare((previous, last), (&item, part)) {
                Ordering::Less => (),
                Ordering::Equal => return Err(ParseError::Duplicate(quote(part))),
                Ordering::Greater => {
                    return Err(ParseError::Unsorted { left: quote(last), right: quote(part) });
                }
            }
        }
        items.push(item);
        last = part;
    }
    Ok(items)
}

/// [`read`] with commas and the items' own order.
pub(crate) fn read_commas<'a, T: Ord>(
    text: &'a str,
    item: impl Fn(&'a str) -> Result<T, ParseError>,
) -> Result<Vec<T>, ParseError> {
    read(text, ',', item, |(left, _), (right, _)| left.cmp(right))
}

/// Prints `items` with commas between.
pub(crate) fn write_commas<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            f.write_str(",")?;
        }
        item.fmt(f)?;
    }
    Ok(())
}
