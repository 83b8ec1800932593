//! Scopes: SMART App Launch v2's, narrowed by category, code, security label and element.

mod actions;
mod covers;
mod path;
mod text;
mod token;

use alloc::{boxed::Box, vec::Vec};

pub use actions::{Action, Actions};
pub use path::{ElementPath, PathSet};
pub use token::Token;

use crate::resource::ResourceType;

/// Which resource types a scope is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TypeSelector {
    /// `*`
    Any,
    /// One type.
    Of(ResourceType),
}

/// One scope. See the crate's page for its grammar and for what it covers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    resource: TypeSelector,
    actions: Actions,
    categories: Tokens,
    codes: Tokens,
    security: Tokens,
    elements: Option<PathSet>,
}

/// Sorted, without duplicates. Empty if the scope does not have the parameter.
type Tokens = Box<[Token]>;

impl Scope {
    /// A scope on all rows and all elements of some types.
    pub fn new(resource: TypeSelector, actions: Actions) -> Self {
        let none = Tokens::default;
        Self { resource, actions, categories: none(), codes: none(), security: none(), elements: None }
    }

    /// The same, on rows of one of these categories only; any category if there are none.
    #[must_use]
    pub fn with_categories(self, tokens: impl IntoIterator<Item = Token>) -> Self {
        Self { categories: sorted(tokens), ..self }
    }

    /// The same, on rows with one of these codes only; any code if there are none.
    #[must_use]
    pub fn with_codes(self, tokens: impl IntoIterator<Item = Token>) -> Self {
        Self { codes: sorted(tokens), ..self }
    }

    /// The same, with these security labels.
    #[must_use]
    pub fn with_security(self, tokens: impl IntoIterator<Item = Token>) -> Self {
        Self { security: sorted(tokens), ..self }
    }

    /// The same, on these elements only.
    #[must_use]
    pub fn with_elements(self, elements: PathSet) -> Self {
        Self { elements: Some(elements), ..self }
    }

    /// The types it is about.
    pub fn resource(&self) -> TypeSelector {
        self.resource
    }

    /// The actions it is about.
    pub fn actions(&self) -> Actions {
        self.actions
    }

    /// The categories of which a row needs one; none are needed if this is empty.
    pub fn categories(&self) -> &[Token] {
        &self.categories
    }

    /// The codes of which a row needs one; none are needed if this is empty.
    pub fn codes(&self) -> &[Token] {
        &self.codes
    }

    /// The security labels it names: see the crate's page.
    pub fn security(&self) -> &[Token] {
        &self.security
    }

    /// The elements it is limited to, if it is.
    pub fn elements(&self) -> Option<&PathSet> {
        self.elements.as_ref()
    }
}

fn sorted(tokens: impl IntoIterator<Item = Token>) -> Tokens {
    let mut tokens: Vec<_> = tokens.into_iter().collect();
    tokens.sort_unstable();
    tokens.dedup();
    tokens.into()
}
