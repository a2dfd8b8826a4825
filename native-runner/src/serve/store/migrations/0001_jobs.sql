CREATE TABLE users (
    name    TEXT PRIMARY KEY,
    token   BLOB NOT NULL,      -- SHA-256 of the token
    admin   INTEGER NOT NULL,
    created TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    cookie  BLOB PRIMARY KEY,   -- SHA-256 of the cookie
    user    TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    expires INTEGER NOT NULL    -- seconds since 1970
) STRICT;

CREATE TABLE jobs (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    id        TEXT NOT NULL UNIQUE,
    name      TEXT NOT NULL,
    user      TEXT NOT NULL,
    state     TEXT NOT NULL,
    priority  INTEGER NOT NULL,
    place     REAL NOT NULL,    -- order within a priority
    device    TEXT NOT NULL,    -- as asked for
    running   TEXT,             -- the device that its process has
    created   TEXT NOT NULL,
    started   TEXT,
    ended     TEXT,
    attempts  INTEGER NOT NULL DEFAULT 0,   -- starts of its process
    tries     INTEGER NOT NULL DEFAULT 0,   -- of them, since somebody asked for it
    seconds   REAL NOT NULL DEFAULT 0,      -- at work, in earlier attempts
    signalled INTEGER NOT NULL DEFAULT 0,   -- it was told to end
    limits    TEXT NOT NULL,
    failure   TEXT,
    progress  TEXT,
    metrics   TEXT NOT NULL DEFAULT '{}',
    estimate  TEXT,
    tail      INTEGER NOT NULL DEFAULT 0,   -- bytes of its events that stand in the table below
    last      INTEGER NOT NULL DEFAULT 0    -- its last event
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, priority DESC, place);

CREATE TABLE keys (
    user TEXT NOT NULL,
    key  TEXT NOT NULL,
    body BLOB NOT NULL,         -- SHA-256 of the request
    job  TEXT NOT NULL,
    made INTEGER NOT NULL,      -- seconds since 1970
    PRIMARY KEY (user, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    job   TEXT NOT NULL,
    user  TEXT NOT NULL,
    time  TEXT NOT NULL,
    queue INTEGER NOT NULL,     -- whether it is told to those who follow the queue
    data  TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_job ON events (job, id);
CREATE INDEX events_of_queue ON events (id) WHERE queue = 1;

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    time    TEXT NOT NULL,
    user    TEXT NOT NULL,
    address TEXT NOT NULL,
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,
    status  INTEGER NOT NULL
) STRICT;
