//! For people: the source, what is wrong in it underlined, why, and what to do.
//!
//! The only module that knows codespan-reporting.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::ops::Range;

use anstyle::{AnsiColor, Style as Ansi};
use codespan_reporting::diagnostic::{Diagnostic, Label, LabelStyle, Severity as Level};
use codespan_reporting::files::{Error, Files, Location};
use codespan_reporting::term::{self, Config, GeneralWriteResult, WriteStyle};
use rayon::prelude::*;

use super::snippet::{Snippet, sanitized};
use super::{Outcome, Style};
use crate::finding::{Edit, Finding, Fix, Safety, Severity};
use crate::source::{FileId, Sources, Span};

/// No finding draws more places than this; the rest are counted in a note.
const PLACES: usize = 12;

/// So many findings are drawn at once, and kept until they are written.
const BATCH: usize = 512;

pub fn write(outcome: &Outcome<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let config = Config::default();
    let draw = |finding| draw(outcome.sources, finding, style, &config);
    for batch in outcome.findings.chunks(BATCH) {
        // Threads are only worth their start where there is much to draw.
        let drawn: Vec<io::Result<String>> = match batch.len() {
            BATCH => batch.par_iter().map(draw).collect(),
            _ => batch.iter().map(draw).collect(),
        };
        for text in drawn {
            out.write_all(text?.as_bytes())?;
        }
    }
    Ok(())
}

fn draw(sources: &Sources, finding: &Finding, style: Style, config: &Config) -> io::Result<String> {
    let mut canvas = Canvas { text: String::new(), colour: style.colour };
    let (view, mut diagnostic) = picture(sources, finding);
    diagnostic.severity = level(finding.severity);
    diagnostic.notes.extend(finding.notes.iter().map(|note| format!("note: {}", printable(note))));
    diagnostic.notes.extend(finding.help.iter().map(|help| format!("help: {}", printable(help))));
    for fix in &finding.fixes {
        diagnostic.notes.push(fix_note(sources, fix, style));
    }
    term::emit_to_write_style(&mut canvas, config, &view, &diagnostic).map_err(io::Error::other)?;
    // codespan has a word of its own for each severity, so its first line is written again in ours.
    let body = canvas.text.find('\n').map_or(0, |at| at + 1);
    canvas.text.replace_range(..body, &header(finding, style.colour));
    Ok(canvas.text)
}

fn header(finding: &Finding, colour: bool) -> String {
    let (name, message) = (finding.severity.name(), sanitized(&finding.message));
    if !colour {
        return format!("{name}[{}]: {message}\n", finding.rule);
    }
    let severity = severity_colour(level(finding.severity)).bold();
    let bold = Ansi::new().bold();
    format!("{severity}{name}[{}]{severity:#}{bold}: {message}{bold:#}\n", finding.rule)
}

/// Text of several lines whose lines are fit for a terminal.
fn printable(text: &str) -> String {
    text.lines().map(sanitized).collect::<Vec<_>>().join("\n")
}

/// What a fix does and, where asked for, what it changes.
fn fix_note(sources: &Sources, fix: &Fix, style: Style) -> String {
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
    };
    let mut note = format!("fix: {} ({safety})", printable(&fix.title));
    if style.diff {
        fix.edits.iter().for_each(|edit| push_diff(&mut note, sources, edit, style.colour));
        if !fix.migration.is_empty() {
            note.push_str("\nas a new migration:");
            fix.migration.iter().for_each(|sql| push_lines(&mut note, '+', &printable(sql), None, style.colour));
        }
    }
    note
}

/// The lines that an edit touches, before and after.
fn push_diff(note: &mut String, sources: &Sources, edit: &Edit, colour: bool) {
    let file = sources.file(edit.span.file);
    let starts = file.line_starts();
    let first = file.line_index(edit.span.start);
    let last = file.line_index(edit.span.end);
    let before_start = starts[first] as usize;
    let after_end = before_end(starts, last, file.text.len());
    let text = &file.text;
    let before = printable(&text[before_start..after_end]);
    let (head, tail) = (&text[before_start..edit.span.start as usize], &text[edit.span.end as usize..after_end]);
    let after = printable(&format!("{head}{}{tail}", edit.replacement));
    note.push_str(&format!("\n{}:{}", sanitized(&file.name), first + 1));
    push_lines(note, '-', &before, None, colour);
    push_lines(note, '+', &after, None, colour);
}

fn before_end(starts: &[u32], line: usize, size: usize) -> usize {
    starts.get(line + 1).map_or(size, |&next| next as usize)
}

fn push_lines(note: &mut String, sign: char, text: &str, limit: Option<usize>, colour: bool) {
    let ansi = Ansi::new().fg_color(Some(if sign == '-' { AnsiColor::Red } else { AnsiColor::Green }.into()));
    for line in text.lines().take(limit.unwrap_or(usize::MAX)) {
        if colour {
            note.push_str(&format!("\n{ansi}{sign} {line}{ansi:#}"));
        } else {
            note.push_str(&format!("\n{sign} {line}"));
        }
    }
}

/// The places of a finding: one snippet a file, the primary one's first.
fn picture<'a>(sources: &'a Sources, finding: &'a Finding) -> (View<'a>, Diagnostic<usize>) {
    let mut places: Vec<(Span, LabelStyle, &str)> = vec![(finding.span, LabelStyle::Primary, &finding.label)];
    places.extend(finding.labels.iter().map(|label| (label.span, LabelStyle::Secondary, label.message.as_str())));
    // Of an empty file there is nothing to show but its name.
    let is_said = |span: &Span| {
        let file = sources.file(span.file);
        file.text.is_empty() && finding.message.contains(&file.name)
    };
    places.retain(|(span, ..)| !span.is_none() && !is_said(span));
    let more = places.len().saturating_sub(PLACES);
    places.truncate(PLACES);

    let mut files: Vec<FileId> = Vec::new();
    for (span, ..) in &places {
        if !files.contains(&span.file) {
            files.push(span.file);
        }
    }
    let mut view = View(Vec::with_capacity(files.len()));
    let mut diagnostic = Diagnostic::note();
    for (number, &id) in files.iter().enumerate() {
        let here = || places.iter().filter(|(span, ..)| span.file == id);
        let spans: Vec<Span> = here().map(|(span, ..)| *span).collect();
        let (snippet, ranges) = Snippet::new(sources.file(id), &spans);
        view.0.push(snippet);
        for ((_, style, message), range) in here().zip(ranges) {
            diagnostic.labels.push(Label::new(*style, number, range).with_message(sanitized(message)));
        }
    }
    if more > 0 {
        diagnostic.notes.push(format!("note: and {} more", super::plural(more, "place")));
    }
    (view, diagnostic)
}

/// The snippets of one finding as codespan wants files.
struct View<'a>(Vec<Snippet<'a>>);

impl<'a> View<'a> {
    fn snippet(&self, id: usize) -> Result<&Snippet<'a>, Error> {
        self.0.get(id).ok_or(Error::FileMissing)
    }
}

impl<'v> Files<'v> for View<'_> {
    type FileId = usize;
    type Name = String;
    type Source = &'v str;

    fn name(&'v self, id: usize) -> Result<String, Error> {
        Ok(self.snippet(id)?.name())
    }

    fn source(&'v self, id: usize) -> Result<&'v str, Error> {
        Ok(self.snippet(id)?.text())
    }

    fn line_index(&'v self, id: usize, byte: usize) -> Result<usize, Error> {
        Ok(self.snippet(id)?.line_index(byte))
    }

    fn line_range(&'v self, id: usize, line: usize) -> Result<Range<usize>, Error> {
        self.snippet(id)?.line_range(line).ok_or(Error::LineTooLarge { given: line, max: line })
    }

    fn location(&'v self, id: usize, byte: usize) -> Result<Location, Error> {
        let snippet = self.snippet(id)?;
        let place = snippet.location(byte).ok_or(Error::IndexTooLarge { given: byte, max: snippet.text().len() })?;
        Ok(Location { line_number: place.line as usize, column_number: place.column as usize })
    }
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Info => Level::Note,
        Severity::Warning => Level::Warning,
        Severity::Error => Level::Error,
    }
}

fn severity_colour(level: Level) -> Ansi {
    let colour = match level {
        Level::Bug | Level::Error => AnsiColor::BrightRed,
        Level::Warning => AnsiColor::BrightYellow,
        Level::Note | Level::Help => AnsiColor::BrightCyan,
    };
    Ansi::new().fg_color(Some(colour.into()))
}

/// What codespan draws on: text, with escape sequences where colour is wanted.
struct Canvas {
    text: String,
    colour: bool,
}

impl Canvas {
    fn set(&mut self, ansi: Ansi) -> GeneralWriteResult {
        if self.colour { write!(self.text, "{ansi}") } else { Ok(()) }
    }
}

impl fmt::Write for Canvas {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        Ok(())
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        self.text.push(c);
        Ok(())
    }
}

impl WriteStyle for Canvas {
    fn set_header(&mut self, _: Level) -> GeneralWriteResult {
        Ok(())
    }

    fn set_header_message(&mut self) -> GeneralWriteResult {
        Ok(())
    }

    fn set_line_number(&mut self) -> GeneralWriteResult {
        self.set(border())
    }

    fn set_note_bullet(&mut self) -> GeneralWriteResult {
        self.set(border())
    }

    fn set_source_border(&mut self) -> GeneralWriteResult {
        self.set(border())
    }

    fn set_label(&mut self, level: Level, style: LabelStyle) -> GeneralWriteResult {
        match style {
            LabelStyle::Primary => self.set(severity_colour(level)),
            LabelStyle::Secondary => self.set(border()),
        }
    }

    fn reset(&mut self) -> GeneralWriteResult {
        if self.colour { write!(self.text, "{}", anstyle::Reset) } else { Ok(()) }
    }
}

fn border() -> Ansi {
    Ansi::new().fg_color(Some(AnsiColor::BrightBlue.into()))
}
