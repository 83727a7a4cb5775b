//! Writing changed files: whole or not at all, and only where nobody changed them meanwhile.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::Change;

/// Writes all changes. Before the first one is written, all of them are checked.
///
/// # Errors
/// Where a file is not what it was when it was read, may not be written, or a new one is there already; what the
/// system says, with the file's name.
pub fn write(changes: &[Change]) -> io::Result<()> {
    let named = |change: &Change, error: io::Error| {
        io::Error::new(error.kind(), format!("{} is not written: {}", change.name, reason(&error)))
    };
    for change in changes {
        check(change).map_err(|error| named(change, error))?;
    }
    for change in changes {
        let written = match &change.before {
            Some(_) => replace(&change.path, &change.after),
            None => create(&change.path, &change.after),
        };
        written.map_err(|error| named(change, error))?;
    }
    Ok(())
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::AlreadyExists => "it is there already".to_owned(),
        io::ErrorKind::NotFound => "it is gone".to_owned(),
        _ => error.to_string(),
    }
}

fn check(change: &Change) -> io::Result<()> {
    let Some(before) = &change.before else {
        return if change.path.exists() { Err(io::ErrorKind::AlreadyExists.into()) } else { Ok(()) };
    };
    if fs::read(&change.path)? != before.as_bytes() {
        return Err(io::Error::other("it has changed since it was read"));
    }
    if fs::metadata(&change.path)?.permissions().readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// Replaces a file by a new one in the same folder, with the same permissions. A link stays one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".pglint-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::metadata(&path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::File::create_new(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a migration must not stay behind.
        let _ = fs::remove_file(path);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &Path, before: Option<&str>, after: &str) -> Change {
        let name = "a.sql".to_owned();
        Change { path: path.to_owned(), name, before: before.map(str::to_owned), after: after.to_owned() }
    }

    #[test]
    fn a_file_is_replaced_only_as_it_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sql");
        fs::write(&path, "one").unwrap();
        write(&[change(&path, Some("one"), "two")]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        let error = write(&[change(&path, Some("one"), "three")]).unwrap_err();
        assert_eq!(error.to_string(), "a.sql is not written: it has changed since it was read");
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        let error = write(&[change(&path, None, "three")]).unwrap_err();
        assert_eq!(error.to_string(), "a.sql is not written: it is there already");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left lying around");
    }

    #[test]
    fn where_one_file_cannot_be_written_none_is() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = ["one.sql", "two.sql"].map(|name| folder.path().join(name));
        fs::write(&one, "one").unwrap();
        assert!(write(&[change(&one, Some("one"), "1"), change(&two, Some("two"), "2")]).is_err());
        assert_eq!(fs::read_to_string(&one).unwrap(), "one");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let [path, link] = ["a.sql", "link.sql"].map(|name| folder.path().join(name));
        fs::write(&path, "one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("a.sql", &link).unwrap();
        write(&[change(&link, Some("one"), "two")]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
