//! Puts the text of a page together, with its paragraphs, lines, list items and cells apart.

/// Puts text together: blanks run into one, marks between blocks are written only before text.
#[derive(Default)]
pub(super) struct Writer {
    out: String,
    /// What is due before the next text.
    due: Due,
    /// Open elements in which blanks count.
    pub(super) preformatted: usize,
    /// Text has been written in this row of a table.
    in_row: bool,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    #[default]
    Nothing,
    Blank,
    Cell,
    Line,
    Bullet,
    Paragraph,
    ParagraphBullet,
}

impl Writer {
    pub(super) fn text(&mut self, text: &str) {
        if self.preformatted > 0 {
            let text = text.trim_end();
            if !text.trim().is_empty() {
                self.flush();
                self.out.push_str(text);
            }
            return;
        }
        for (n, word) in text.split(|c: char| c.is_whitespace() && c != '\u{3000}').enumerate() {
            if n > 0 {
                self.due = self.due.max(Due::Blank);
            }
            if !word.is_empty() {
                self.flush();
                self.out.push_str(word);
                self.in_row = true;
            }
        }
    }

    fn flush(&mut self) {
        let mark = match self.due {
            Due::Nothing => "",
            Due::Blank => " ",
            Due::Cell => " | ",
            Due::Line => "\n",
            Due::Bullet => "\n• ",
            Due::Paragraph => "\n\n",
            Due::ParagraphBullet => "\n\n• ",
        };
        let bullet = matches!(self.due, Due::Bullet | Due::ParagraphBullet);
        self.due = Due::Nothing;
        if !self.out.is_empty() {
            self.out.push_str(mark);
        } else if bullet {
            self.out.push_str("• ");
        }
    }

    pub(super) fn line(&mut self) {
        self.in_row = false;
        self.due = self.due.max(Due::Line);
    }

    /// Two breaks in a row make a paragraph, as they look.
    pub(super) fn line_break(&mut self) {
        if self.due == Due::Line {
            self.due = Due::Paragraph;
        }
        self.line();
    }

    pub(super) fn cell(&mut self) {
        if self.in_row {
            self.due = self.due.max(Due::Cell);
        }
    }

    pub(super) fn bullet(&mut self) {
        self.due = if self.due >= Due::Paragraph { Due::ParagraphBullet } else { Due::Bullet };
    }

    pub(super) fn paragraph_if(&mut self, is_block: bool) {
        // A block inside a list item or cell does not tear it apart.
        if is_block && !matches!(self.due, Due::Bullet | Due::ParagraphBullet | Due::Cell) {
            self.due = Due::Paragraph;
            self.in_row = false;
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }
}
