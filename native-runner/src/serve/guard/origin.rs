//! Which page a request comes from.

use super::{Problem, refused};
use axum::http::{HeaderMap, header};

/// Whether the header `Origin`, where a browser sends it, is to the character one of `own`: `Some`
/// proves a page of the runner, `None` is a request without it.
///
/// # Errors
/// It is another, `null` (a sandbox, a local file), or there are several.
pub(super) fn check(headers: &HeaderMap, own: &[String]) -> Result<Option<()>, Problem> {
    let mut given = headers.get_all(header::ORIGIN).iter();
    match (given.next(), given.next()) {
        (None, _) => Ok(None),
        (Some(origin), None) if own.iter().any(|own| own.as_bytes() == origin.as_bytes()) => {
            Ok(Some(()))
        }
        (Some(origin), _) => {
            let shown = String::from_utf8_lossy(origin.as_bytes());
            let shown: String = shown.chars().take(80).collect();
            Err(refused(format!(
                "a page of `{shown}` asks, which is not the runner's own"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use axum::http::{HeaderMap, HeaderValue, header::ORIGIN};

    fn from(origins: &[&str]) -> Result<Option<()>, ()> {
        let mut headers = HeaderMap::new();
        for origin in origins {
            headers.append(ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        check(&headers, &["http://localhost:8000".into()]).map_err(|_| ())
    }

    #[test]
    fn to_the_character() {
        assert_eq!(from(&[]), Ok(None));
        assert_eq!(from(&["http://localhost:8000"]), Ok(Some(())));
        for origin in [
            "",
            "null",
            "http://localhost",
            "http://localhost.evil",
            "http://localhost:8000.evil",
            "http://localhost:80000",
            "http://localhost:8001",
            "https://localhost:8000",
            "http://localhost:8000/",
            "http://localhost.:8000",
            "http://user@localhost:8000",
            "http://evil@localhost:8000",
            "http://localhost:8000@evil",
            "HTTP://localhost:8000",
            "http://LOCALHOST:8000",
            "http://127.0.0.1:8000",
            "http://localhost:8000 ",
            "http://evil http://localhost:8000",
            "http://localhost:8000#",
            "http://localhost:8000?",
            "//localhost:8000",
            "localhost:8000",
            "file://",
        ] {
            assert_eq!(from(&[origin]), Err(()), "{origin}");
        }
        assert_eq!(from(&["http://localhost:8000", "http://evil"]), Err(()));
        assert_eq!(
            from(&["http://localhost:8000", "http://localhost:8000"]),
            Err(())
        );
    }
}
