//! What stands where.

use crate::{
    document::Document, editor::Editor, header::Header, problems::Problems, settings::Settings,
};
use leptos::{html, prelude::*};

const EXAMPLE: &str = include_str!("../../static/example.ini");

/// The whole page.
#[component]
pub(crate) fn Page() -> impl IntoView {
    let document = Document::new("example.ini", EXAMPLE);
    let field = NodeRef::<html::Textarea>::new();
    view! {
        <Header />
        <main>
            <Editor document field />
            <div class="side">
                <Problems document field />
                <Settings document />
            </div>
        </main>
    }
}
