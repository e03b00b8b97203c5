//! The report of a run as a file.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use orewire::{Error, Report};
use serde::Serialize;

use super::{exit::Failure, render};

/// A report in the making. The file is there only when it is whole; until then an older one stays.
pub(crate) struct ReportFile {
    path: PathBuf,
    /// Beside it, and renamed to it in the end; `None` for a pipe or a device, which is written itself.
    draft: Option<PathBuf>,
}

/// What is written.
#[derive(Serialize)]
struct Written<'a> {
    ended: String,
    exit_code: u8,
    #[serde(flatten)]
    report: Option<&'a Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl ReportFile {
    /// Makes sure that the report can be written, before a long run and not after it.
    pub(crate) fn prepare(path: &Path) -> Result<ReportFile, Failure> {
        let failed = |cause| Failure::usage(Error::Io { action: "writing", path: path.into(), cause });
        // Not the link, but what it leads to.
        let path = match fs::canonicalize(path) {
            Ok(there) => there,
            Err(_) => std::path::absolute(path).map_err(failed)?,
        };
        let is_plain = fs::metadata(&path).map_or(true, |meta| meta.is_file());
        if !is_plain {
            return match path.is_dir() {
                true => Err(failed(std::io::ErrorKind::IsADirectory.into())),
                false => Ok(ReportFile { path, draft: None }),
            };
        }
        let mut draft = path.clone().into_os_string();
        draft.push(format!(".{}.part", std::process::id()));
        let draft = PathBuf::from(draft);
        fs::File::create(&draft).map_err(failed)?;
        Ok(ReportFile { path, draft: Some(draft) })
    }

    /// Writes what a run did.
    pub(crate) fn done(self, report: &Report, exit_code: u8) -> Result<(), Failure> {
        let ended = ended();
        self.write(&Written { ended, exit_code, report: Some(report), error: None, hint: None })
    }

    /// Writes why it failed.
    pub(crate) fn failed(self, failure: &Failure) -> Result<(), Failure> {
        let (error, hint) = (Some(failure.message()), failure.hint());
        self.write(&Written { ended: ended(), exit_code: failure.code(), report: None, error, hint })
    }

    fn write(&self, written: &Written) -> Result<(), Failure> {
        let text = render::safe_json(written, true) + "\n";
        let target = self.draft.as_ref().unwrap_or(&self.path);
        let write = || -> std::io::Result<()> {
            fs::File::options().write(true).open(target)?.write_all(text.as_bytes())?;
            self.draft.as_ref().map_or(Ok(()), |draft| fs::rename(draft, &self.path))
        };
        write().map_err(|cause| match self.draft {
            // As with results on standard output.
            None if cause.kind() == std::io::ErrorKind::BrokenPipe => Failure::output(cause),
            _ => Error::Io { action: "writing", path: self.path.clone(), cause }.into(),
        })
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        // Renamed it is gone already.
        if let Some(draft) = &self.draft {
            let _ = fs::remove_file(draft);
        }
    }
}

fn ended() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
