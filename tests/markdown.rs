//! Just enough Markdown: headings, fences, and all else as it is.

/// A piece of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// Lines outside of fences, with their line ends.
    Text(String),
    /// A fenced block.
    Fence {
        /// What stands behind the backquotes.
        info: String,
        /// The lines between them.
        body: String,
    },
}

/// Takes a page apart.
pub fn parse(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut text = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        if !text.is_empty() {
            blocks.push(Block::Text(std::mem::take(&mut text)));
        }
        let mut body = String::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            body.push_str(line);
            body.push('\n');
        }
        blocks.push(Block::Fence { info: info.to_owned(), body });
    }
    if !text.is_empty() {
        blocks.push(Block::Text(text));
    }
    blocks
}

/// Puts a page together again.
pub fn print(blocks: &[Block]) -> String {
    blocks
        .iter()
        .map(|block| match block {
            Block::Text(text) => text.clone(),
            Block::Fence { info, body } => format!("```{info}\n{body}```\n"),
        })
        .collect()
}

/// The last heading of some lines, without its signs.
pub fn last_heading(text: &str) -> Option<&str> {
    let mut headings = text.lines().filter(|line| line.starts_with('#'));
    headings.next_back().map(|line| line.trim_start_matches('#').trim())
}
