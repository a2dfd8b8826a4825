CREATE TABLE uploads (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    user     TEXT NOT NULL,
    name     TEXT NOT NULL,
    size     INTEGER NOT NULL,
    sha256   TEXT NOT NULL,
    kind     TEXT NOT NULL,     -- archive or file
    complete INTEGER NOT NULL,
    created  TEXT NOT NULL,
    expires  INTEGER            -- seconds since 1970
) STRICT;
CREATE INDEX uploads_by_content ON uploads (user, sha256);

-- What lies on the disk, by user: knowing a SHA-256 gives nobody the file of another.
CREATE TABLE contents (
    user   TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size   INTEGER NOT NULL,
    PRIMARY KEY (user, sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE datasets (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT NOT NULL UNIQUE,
    user    TEXT NOT NULL,
    name    TEXT NOT NULL,
    kind    TEXT NOT NULL,
    files   INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    created TEXT NOT NULL,
    ini     TEXT,
    archive TEXT                -- SHA-256 of the archive that it was made of
) STRICT;
CREATE INDEX datasets_by_archive ON datasets (user, archive);

-- The contents that datasets need.
CREATE TABLE holdings (
    dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    sha256  TEXT NOT NULL,
    PRIMARY KEY (dataset, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX holdings_by_content ON holdings (sha256);
