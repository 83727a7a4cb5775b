//! Statements as short text, from their `Debug` form: what is absent or usual is left out, and spans are
//! shown as what they hold.

/// A value as `{:?}` prints it.
#[derive(Debug)]
pub(super) enum Outline {
    /// A number, a word, a place without a file.
    Word(String),
    Text(String),
    Span(usize, usize),
    /// A list or a tuple, maybe with a name before it.
    Many(String, Vec<Outline>),
    Fields(String, Vec<(String, Outline)>),
}

/// Values that say no more than that nothing was written.
const USUAL: [&str; 5] = ["None", "false", "0", "Permanent", "Unspecified"];

/// Reads what `{:?}` printed.
struct Reader<'a> {
    rest: &'a str,
}

impl Outline {
    pub(super) fn of(value: &impl std::fmt::Debug) -> Outline {
        let printed = format!("{value:?}");
        let mut reader = Reader { rest: &printed };
        let outline = reader.value();
        assert_eq!(reader.rest, "", "all of it is read");
        outline
    }

    /// The value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&Outline> {
        match self {
            Outline::Fields(_, fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn children(&self) -> Vec<&Outline> {
        match self {
            Outline::Many(_, values) => values.iter().collect(),
            Outline::Fields(_, fields) => fields.iter().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        }
    }

    /// What is in `Some`, or the value itself.
    pub(super) fn some(&self) -> &Outline {
        match self {
            Outline::Many(name, values) if name == "Some" && values.len() == 1 => &values[0],
            other => other,
        }
    }

    /// The struct's or variant's name.
    pub(super) fn name(&self) -> &str {
        match self {
            Outline::Many(name, _) | Outline::Fields(name, _) | Outline::Word(name) => name,
            _ => "",
        }
    }

    /// The text of a `Name` or string.
    pub(super) fn text(&self) -> &str {
        match self {
            Outline::Text(text) => text,
            Outline::Many(_, values) if values.len() == 1 => values[0].text(),
            _ => "",
        }
    }

    /// The span in the field `span`.
    pub(super) fn span<'t>(&self, source: &'t str) -> Option<&'t str> {
        match self.field("span") {
            Some(&Outline::Span(start, end)) => source.get(start..end),
            _ => None,
        }
    }

    pub(super) fn render(&self, source: &str) -> String {
        match self {
            Outline::Word(word) => word.clone(),
            Outline::Text(text) => format!("{text:?}"),
            Outline::Span(start, end) => quote(source.get(*start..*end).unwrap_or("?")),
            Outline::Many(name, values) => render_many(name, values, source),
            Outline::Fields(name, fields) => self.render_fields(name, fields, source),
        }
    }

    fn render_fields(&self, name: &str, fields: &[(String, Outline)], source: &str) -> String {
        let place = self.span(source).map(quote).unwrap_or_default();
        let told = fields.iter().filter(|(field, value)| is_told(field, value));
        let told = told.map(|(field, value)| (field, value.render(source)));
        match name {
            "Ident" => render_name(self, source),
            "Expr" | "Query" => place,
            "QualifiedName" => told.map(|(_, part)| part).collect::<Vec<_>>().join("."),
            _ => {
                let told: Vec<String> = told.map(|(field, value)| render_field(field, &value)).collect();
                format!("{name}{place}{{{}}}", told.join(", "))
            }
        }
    }
}

fn is_told(field: &str, value: &Outline) -> bool {
    let is_usual = USUAL.contains(&value.name()) || (field == "behavior" && value.name() == "Restrict");
    field != "span" && !is_usual && !is_empty(value)
}

fn is_empty(value: &Outline) -> bool {
    matches!(value, Outline::Many(name, values) if name.is_empty() && values.is_empty())
}

fn render_field(field: &str, value: &str) -> String {
    if value == "true" { field.to_owned() } else { format!("{field}: {value}") }
}

fn render_many(name: &str, values: &[Outline], source: &str) -> String {
    let values: Vec<String> = values.iter().map(|value| value.render(source)).collect();
    match name {
        "Some" | "u!" => values.concat(),
        // A variant and the struct in it mostly share their name.
        _ if values.len() == 1 && values[0].starts_with(&format!("{name}{{")) => values.concat(),
        "" => format!("[{}]", values.join(", ")),
        _ => format!("{name}({})", values.join(", ")),
    }
}

/// A name; with its place where that is not simply its text.
fn render_name(ident: &Outline, source: &str) -> String {
    let name = ident.field("name").map(Outline::text).unwrap_or_default();
    match ident.span(source) {
        Some(text) if text == name => name.to_owned(),
        text => format!("{name}{}", quote(text.unwrap_or("?"))),
    }
}

/// What a span holds, on one line, its middle left out where it is long.
fn quote(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let count = text.chars().count();
    if count <= 70 {
        return format!("‹{text}›");
    }
    let head: String = text.chars().take(40).collect();
    let tail: String = text.chars().skip(count - 25).collect();
    format!("‹{head}…{tail}›")
}

impl Reader<'_> {
    fn take(&mut self, expected: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(expected) else { return false };
        self.rest = rest;
        true
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn value(&mut self) -> Outline {
        if self.rest.starts_with(['"', '\'']) {
            return self.text();
        }
        let name = self.take_while(|c| c.is_alphanumeric() || "_:.!-".contains(c));
        if let Some(span) = span(&name) {
            return span;
        }
        match () {
            () if self.take(" { ") => Outline::Fields(name, self.fields()),
            () if self.take("[") => Outline::Many(name, self.values("]")),
            () if self.take("(") => Outline::Many(name, self.values(")")),
            () => Outline::Word(name),
        }
    }

    fn fields(&mut self) -> Vec<(String, Outline)> {
        let mut fields = Vec::new();
        while !self.take(" }") {
            self.take(", ");
            let name = self.take_while(|c| c != ':');
            self.take(": ");
            fields.push((name, self.value()));
        }
        fields
    }

    fn values(&mut self, end: &str) -> Vec<Outline> {
        let mut values = Vec::new();
        while !self.take(end) {
            self.take(", ");
            values.push(self.value());
        }
        values
    }

    /// A string or character with Rust's escapes.
    fn text(&mut self) -> Outline {
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        let (_, quote) = chars.next().expect("it starts with a quote");
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, 'r')) => text.push('\r'),
                    Some((_, other)) => text.push(other),
                    None => break,
                },
                _ if c == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Outline::Text(text);
                }
                _ => text.push(c),
            }
        }
        panic!("a string that does not end")
    }
}

/// `0:12..15`.
fn span(word: &str) -> Option<Outline> {
    let (_, range) = word.split_once(':')?;
    let (start, end) = range.split_once("..")?;
    Some(Outline::Span(start.parse().ok()?, end.parse().ok()?))
}
