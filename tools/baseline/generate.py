#!/usr/bin/env python3
"""Writes src/catalog/baseline/data: what an empty PostgreSQL server holds, read from real servers.

    generate.py --server 14=HOME --server 15=HOME ... --work SCRATCH [--os-user postgres]

HOME is a self-contained installation (bin, lib, share) with its contrib extensions. Each version is run
as a throw-away server in SCRATCH. Needs psycopg. `data/README.md` describes the files.

Extensions that are not part of PostgreSQL are declared in `extensions/`: what they create, as far as
migrations name it, as SQL that any server accepts. `extensions/uninhabited.txt` lists those of which
only the name is known.
"""
import argparse
import os
import pwd
import re
import shutil
import subprocess
import time
from pathlib import Path

import psycopg

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "src/catalog/baseline/data"
SUPERUSER = "cluster_owner"  # the role that made the cluster; no file names it

# ------------------------------------------------------------------------------------------- queries
#
# A query yields the columns of its file as text. {where} chooses the objects: those of the system
# schemas, or the members of one extension.

# Made once per connection: the short names of types, and lists of them.
HELPERS = """
create function pg_temp.ty(t oid) returns text language sql stable as $$
  select case when t = 0 then null
         -- int2vector and oidvector have elements too, but are types of their own: they count from 0
         when exists (select from pg_catalog.pg_type e where e.typarray = t1.oid) then pg_temp.ty(t1.typelem) || '[]'
         when n.nspname in ('pg_catalog', 'target') then t1.typname
         else n.nspname || '.' || t1.typname end
  from pg_catalog.pg_type t1 join pg_catalog.pg_namespace n on n.oid = t1.typnamespace where t1.oid = t $$;
create function pg_temp.tys(t oid[]) returns text language sql stable as $$
  select string_agg(pg_temp.ty(x), ',' order by i) from unnest(t) with ordinality u(x, i) $$;
create function pg_temp.schema(n oid) returns text language sql stable as $$
  select case nspname when 'target' then '@' else nspname end from pg_catalog.pg_namespace where oid = n $$;
create function pg_temp.grants(acl aclitem[], owner oid) returns text language sql as $$
  select coalesce(string_agg(who || '=' || what, ';' order by who), 'none') from (
    select case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee) end as who,
           string_agg(lower(a.privilege_type) || case when a.is_grantable then '*' else '' end, '+' order by a.privilege_type) as what
    from aclexplode(acl) a where a.grantee <> owner group by 1) g $$;
"""

# what: kind (f a w p), volatility (i s v), then s strict, r returns a set, v variadic, l leakproof,
# d security definer, o ordered-set aggregate, h hypothetical-set aggregate
FUNCTIONS = """
    select pg_temp.schema(p.pronamespace), p.proname, pg_temp.tys(p.proargtypes), pg_temp.ty(p.prorettype),
      concat(p.prokind, p.provolatile, case when p.proisstrict then 's' end, case when p.proretset then 'r' end,
             case when p.provariadic <> 0 then 'v' end, case when p.proleakproof then 'l' end, case when p.prosecdef then 'd' end,
             (select nullif(g.aggkind::text, 'n') from pg_aggregate g where g.aggfnoid = p.oid)),
      nullif(p.pronargdefaults, 0)::text,
      (select string_agg(coalesce(p.proargnames[i], ''), ',' order by i)
       from generate_series(1, coalesce(cardinality(p.proallargtypes), p.pronargs)) i
       where p.proargnames is not null and (p.proargmodes is null or p.proargmodes[i] in ('i', 'b', 'v'))),
      (select string_agg(coalesce(p.proargnames[i], '') || ' ' || pg_temp.ty(p.proallargtypes[i]), ',' order by i)
       from generate_series(1, cardinality(p.proallargtypes)) i where p.proargmodes[i] in ('o', 'b', 't')),
      (select l.lanname from pg_language l where l.oid = p.prolang),
      case when p.proacl is not null then pg_temp.grants(p.proacl, p.proowner) end
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where {where}"""

TYPES = """
    select pg_temp.schema(t.typnamespace), t.typname,
      concat(t.typtype, t.typcategory, case when t.typispreferred then 'p' end, case when t.typcollation <> 0 then 'c' end,
             case when t.typarray = 0 then '!' end),
      t.typlen::text, nullif(pg_temp.ty(t.typelem), ''),
      coalesce((select pg_temp.ty(r.rngsubtype) from pg_range r where t.oid in (r.rngtypid, r.rngmultitypid)), pg_temp.ty(t.typbasetype)),
      case t.typtype when 'e' then (select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)
        when 'c' then (select string_agg(a.attname || ' ' || pg_temp.ty(a.atttypid), ',' order by a.attnum)
                       from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0)
        when 'r' then (select m.typname from pg_range r join pg_type m on m.oid = r.rngmultitypid where r.rngtypid = t.oid) end
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where {where} and not (t.typcategory = 'A' and t.typelem <> 0 and t.typlen = -1 and exists (select from pg_type e where e.typarray = t.oid))
      and (t.typrelid = 0 or (select c.relkind from pg_class c where c.oid = t.typrelid) = 'c')"""

# what: volatility, s strict, m merges, h hashes
OPERATORS = """
    select pg_temp.schema(o.oprnamespace), o.oprname, pg_temp.ty(o.oprleft), pg_temp.ty(o.oprright), pg_temp.ty(o.oprresult),
      concat(p.provolatile, case when p.proisstrict then 's' end, case when o.oprcanmerge then 'm' end, case when o.oprcanhash then 'h' end),
      p.proname, (select c.oprname from pg_operator c where c.oid = o.oprcom), (select c.oprname from pg_operator c where c.oid = o.oprnegate)
    from pg_operator o join pg_namespace n on n.oid = o.oprnamespace left join pg_proc p on p.oid = o.oprcode
    where {where}"""

# how: context (i a e), method (b binary, f function, i inout)
CASTS = """
    select pg_temp.ty(c.castsource), pg_temp.ty(c.casttarget), concat(c.castcontext, c.castmethod),
      (select p.proname from pg_proc p where p.oid = c.castfunc)
    from pg_cast c where {where}"""

OPERATOR_CLASSES = """
    select pg_temp.schema(k.opcnamespace), am.amname, k.opcname, pg_temp.ty(k.opcintype), case when k.opcdefault then 'd' end,
      nullif(f.opfname, k.opcname), pg_temp.ty(k.opckeytype)
    from pg_opclass k join pg_am am on am.oid = k.opcmethod join pg_opfamily f on f.oid = k.opcfamily
      join pg_namespace n on n.oid = k.opcnamespace
    where {where}"""

FAMILY_OPERATORS = """
    select am.amname, f.opfname, o.oprname, pg_temp.ty(a.amoplefttype), pg_temp.ty(a.amoprighttype), a.amopstrategy::text,
      nullif(a.amoppurpose::text, 's')
    from pg_amop a join pg_opfamily f on f.oid = a.amopfamily join pg_am am on am.oid = a.amopmethod
      join pg_operator o on o.oid = a.amopopr join pg_namespace n on n.oid = f.opfnamespace
    where {where}"""

RELATIONS = """
    select pg_temp.schema(c.relnamespace), c.relname, c.relkind::text || case when c.relrowsecurity then 's' else '' end,
      (select string_agg(a.attname || ' ' || pg_temp.ty(a.atttypid) || case when a.attnotnull then '!' else '' end, ',' order by a.attnum)
       from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
      case when c.relacl is not null then pg_temp.grants(c.relacl, c.relowner) end
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v', 'm', 'f', 'p', 'S') and {where}"""

METHODS = """
    select a.amname, concat(a.amtype, (select string_agg(left(replace(x, 'can_', ''), 1), '' order by x)
                from unnest(array['can_exclude', 'can_include', 'can_multi_col', 'can_order', 'can_unique']) x
                where a.amtype = 'i' and pg_indexam_has_property(a.oid, x)))
    from pg_am a where {where}"""

# Defaults that depend on the machine are left out.
SETTINGS = """
    select s.name, s.context, s.vartype, s.unit, s.min_val, s.max_val, array_to_string(s.enumvals, ','),
      case when s.name !~ '(_directory|_file|_dir|_path|^lc_.*|encoding|timezone.*|TimeZone|^server_version.*|^port|_size_in_.*|cluster_name)$'
             or s.name = 'search_path' then s.boot_val end
    from pg_settings s where {where}"""

# Those of the C library depend on the machine, apart from C and POSIX. The provider where it is not ICU.
COLLATIONS = """
    select c.collname, nullif(c.collprovider::text, 'i')
    from pg_collation c where (c.collprovider <> 'c' or c.collname in ('C', 'POSIX', 'ucs_basic')) and {where}"""

# Catalog code (U C T R), then A where the word needs AS as a label.
KEYWORDS = """
    select w.word, w.catcode::text || case when coalesce((to_jsonb(w) ->> 'barelabel')::bool, true) then '' else 'A' end
    from pg_get_keywords() w where {where}"""

# Small kinds, in one file: kind, name, detail.
OTHER = """
    select kind, name, detail from (
      select 'language', l.lanname::text, case when l.lanpltrusted then 'trusted' else 'untrusted' end, l.oid, 'pg_language'::regclass::oid from pg_language l
      union all select 'schema', n.nspname, case when n.nspacl is not null then pg_temp.grants(n.nspacl, n.nspowner) end, n.oid, 'pg_namespace'::regclass from pg_namespace n
        where n.nspname !~ '^pg_(temp|toast|catalog)' and n.nspname not in ('target', 'information_schema', 'public')
      union all select 'text search configuration', c.cfgname, null, c.oid, 'pg_ts_config'::regclass from pg_ts_config c
      union all select 'text search dictionary', c.dictname, null, c.oid, 'pg_ts_dict'::regclass from pg_ts_dict c
      union all select 'text search parser', c.prsname, null, c.oid, 'pg_ts_parser'::regclass from pg_ts_parser c
      union all select 'text search template', c.tmplname, null, c.oid, 'pg_ts_template'::regclass from pg_ts_template c
      union all select 'foreign data wrapper', w.fdwname, null, w.oid, 'pg_foreign_data_wrapper'::regclass from pg_foreign_data_wrapper w
      union all select 'server', s.srvname, null, s.oid, 'pg_foreign_server'::regclass from pg_foreign_server s
      union all select 'transform', pg_temp.ty(t.trftype), (select l.lanname from pg_language l where l.oid = t.trflang), t.oid, 'pg_transform'::regclass from pg_transform t
      union all select 'event trigger', e.evtname, e.evtevent, e.oid, 'pg_event_trigger'::regclass from pg_event_trigger e
      union all select 'role', r.rolname, (select string_agg(m.roleid::regrole::text, ',' order by m.roleid::regrole::text) from pg_auth_members m where m.member = r.oid), 0, 0
        from pg_roles r where r.rolname ~ '^pg_' and r.rolname <> current_user
      union all select 'tablespace', t.spcname, null, 0, 0 from pg_tablespace t
    ) x (kind, name, detail, oid, cls) where {where}"""

SYSTEM = "n.nspname in ('pg_catalog', 'information_schema')"

# file: (query, objects of the system, class and oid of an extension's member, columns left out for the system)
FILES = {
    "functions": (FUNCTIONS, SYSTEM, ("'pg_proc'", "p.oid"), 2),
    "types": (TYPES, SYSTEM, ("'pg_type'", "t.oid"), 0),
    "operators": (OPERATORS, SYSTEM, ("'pg_operator'", "o.oid"), 0),
    "casts": (CASTS, "true", ("'pg_cast'", "c.oid"), 0),
    "operator_classes": (OPERATOR_CLASSES, SYSTEM, ("'pg_opclass'", "k.oid"), 0),
    "family_operators": (FAMILY_OPERATORS, SYSTEM, None, 0),
    "relations": (RELATIONS, SYSTEM, ("'pg_class'", "c.oid"), 1),
    "methods": (METHODS, "true", ("'pg_am'", "a.oid"), 0),
    "collations": (COLLATIONS, "true", None, 0),
    "settings": (SETTINGS, "true", None, 0),
    "keywords": (KEYWORDS, "true", None, 0),
    "other": (OTHER, "true", ("x.cls", "x.oid"), 0),
}
ROLES = [SUPERUSER, "postgres", "service_role", "anon", "authenticated", "supabase_functions_admin"]
IN_SCHEMAS = {"functions", "types", "operators", "operator_classes", "relations"}
COMMON_SCHEMA = "pg_catalog"  # not written in the files of the system


def system_facts(conn):
    """{file: rows} of the system catalogs; the schema goes behind the name where it is not pg_catalog."""
    conn.execute("load 'plpgsql'")  # its settings
    out = {}
    for name, (query, where, _, left_out) in FILES.items():
        rows = conn.execute(query.replace("{where}", where)).fetchall()
        rows = [r[: len(r) - left_out] for r in rows]
        if name in IN_SCHEMAS:
            at = 2 if name == "operator_classes" else 1  # there the method comes first
            rows = [(*r[1:at], r[at] if r[0] == COMMON_SCHEMA else f"{r[0]}.{r[at]}", *r[at + 1:]) for r in rows]
        out[name] = rows
    return out


def members(conn, extension):
    """{file: rows} of what an installed extension owns, behind its name."""
    oid = conn.execute("select oid from pg_extension where extname = %s", (extension,)).fetchone()[0]
    owned = f"exists (select from pg_depend d where d.refclassid = 'pg_extension'::regclass and d.refobjid = {oid} and d.deptype = 'e' and "
    out = {}
    for name, (query, _, member, _) in FILES.items():
        if name == "family_operators":
            # An operator can join a family of the system, so the family is no guide: either may be the extension's.
            where = f"{owned}((d.classid = 'pg_opfamily'::regclass and d.objid = f.oid) or (d.classid = 'pg_operator'::regclass and d.objid = o.oid)))"
        elif member:
            where = f"{owned}d.classid = {member[0]}::regclass and d.objid = {member[1]})"
        else:
            continue
        out[name] = [(extension, *r) for r in conn.execute(query.replace("{where}", where)).fetchall()]
    return out


def extension_facts(conn, extension_dir, wanted):
    """(control rows, {file: rows}): each extension, installed alone and rolled back."""
    controls = conn.execute("""
        select e.name, e.default_version, v.schema::text,
               concat(case when v.relocatable then 'r' end, case when v.trusted then 't' end), array_to_string(v.requires, ',')
        from pg_available_extensions e join pg_available_extension_versions v on v.name = e.name and v.version = e.default_version
        order by 1""").fetchall()
    rows, facts = [], {}
    for control in controls:
        name, _, schema, _, _ = control
        if not wanted(name) or name == "plpgsql":  # always there: part of the system's files
            continue
        conn.execute("begin")
        try:
            conn.execute("create schema target")
            conn.execute("set local search_path = target, pg_catalog")
            conn.execute(f'create extension "{name}"' + ("" if schema else " schema target") + " cascade")
            conn.execute("set local search_path = pg_catalog")
            found = members(conn, name)
            found["other"] += [(name, "role", *role) for role in roles_beside(conn)]
        except psycopg.Error as error:  # a language whose own library is missing on this machine
            print(f"  {name} is read from its script: {str(error).splitlines()[0]}")
            found = {"other": from_script(name, extension_dir)}
        for file, members_of_file in found.items():
            facts.setdefault(file, []).extend(members_of_file)
        rows.append(control)
        conn.execute("rollback")
    return rows, facts


def roles_beside(conn):
    """The roles that a script made, with their members: no extension owns a role."""
    return conn.execute("""
        select r.rolname, (select string_agg(distinct m.member::regrole::text, ',') from pg_auth_members m where m.roleid = r.oid
                             and m.member::regrole::text <> current_user)
        from pg_roles r where r.rolname !~ '^pg_' and r.rolname <> all (%s) order by 1""", (ROLES,)).fetchall()


def from_script(name, extension_dir):
    """What an extension's script says of languages and transforms, which is nearly all there is."""
    script = next(extension_dir.glob(f"{name}--*.sql")).read_text()
    languages = re.findall(r"^create\s+(trusted\s+)?language\s+(\w+)", script, re.I | re.M)
    transforms = re.findall(r"^create\s+transform\s+for\s+(?:\S+\.)?(\w+)\s+language\s+(\w+)", script, re.I | re.M)
    return [(name, "language", m[1], "trusted" if m[0] else "untrusted") for m in languages] + [
        (name, "transform", m[0], m[1]) for m in transforms]


# ------------------------------------------------------------------------------------------- servers

class Server:
    """A throw-away server on a Unix socket, run as an unprivileged user."""

    def __init__(self, home, work, os_user):
        self.home, self.dir, self.os_user = home, work / "server", os_user

    def run(self, *argv):
        user = {"user": self.os_user, "group": pwd.getpwnam(self.os_user).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC", "LD_LIBRARY_PATH": str(self.home / "lib")}
        return subprocess.Popen(list(map(str, argv)), env=env, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user)

    def connect(self):
        return psycopg.connect(host=str(self.dir), user=SUPERUSER, dbname="postgres", autocommit=True)

    def __enter__(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(self.dir, self.os_user, self.os_user)
        self.dir.chmod(0o700)
        if self.run(self.home / "bin/initdb", "-D", self.dir, "-U", SUPERUSER, "-E", "UTF8", "--no-sync", "--locale=C", "-A", "trust").wait():
            raise RuntimeError(f"initdb of {self.home} failed")
        self.process = self.run(self.home / "bin/postgres", "-D", self.dir, "-k", self.dir, "-c", "listen_addresses=", "-c", "fsync=off")
        for _ in range(200):
            try:
                return self.connect()
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError(f"the server of {self.home} did not start")

    def __exit__(self, *_):
        self.process.send_signal(3)  # SIGQUIT: at once
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def installation(home, work):
    """A copy of an installation that may be added to, by hard links where the file system allows it."""
    def copy(source, target):
        try:
            os.link(source, target, follow_symlinks=False)
        except OSError:
            shutil.copy2(source, target, follow_symlinks=False)
    shutil.rmtree(work / "home", ignore_errors=True)
    return Path(shutil.copytree(home, work / "home", symlinks=True, copy_function=copy))


def declare_extensions(extension_dir):
    """Adds those of extensions/ that the installation lacks; returns (declared, those without contents)."""
    def write(name, version, script, options):
        if (extension_dir / f"{name}.control").exists():
            return False
        lines = [f"default_version = '{version}'", *(f"{k} = {v if k == 'relocatable' else repr(v)}" for k, v in options.items())]
        (extension_dir / f"{name}.control").write_text("\n".join(lines) + "\n")
        (extension_dir / f"{name}--{version}.sql").write_text(script)
        return True

    declared, empty = set(), set()
    for path in sorted((HERE / "extensions").glob("*.sql")):
        head = dict(re.findall(r"^-- (extension|version|schema|relocatable|requires): (\S+)$", path.read_text(), re.M))
        name, version = head.pop("extension"), head.pop("version")
        if write(name, version, path.read_text(), {"relocatable": "false", **head}):
            declared.add(name)
    for line in (HERE / "extensions/uninhabited.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, version, *schema = line.split()
            if write(name, version, "-- empty\n", {"relocatable": "false", **({"schema": schema[0]} if schema else {})}):
                empty.add(name)
    return declared | empty, empty


# ------------------------------------------------------------------------------------------- writing

def escape(value):
    text = "" if value is None else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def runs(versions, known):
    """`15-17`, `18`: each run of versions without a gap; nothing where it is all of them."""
    out, versions = [], sorted(versions)
    for version in versions:
        if out and known.index(version) == known.index(out[-1][1]) + 1:
            out[-1][1] = version
        else:
            out.append([version, version])
    return [f"{a}-{b}" if (a, b) != (known[0], known[-1]) else "" for a, b in out]


def write(name, rows_by_version, known):
    """The rows of all versions merged: versions first where they are not all, columns separated by tabs."""
    seen = {}
    for version, rows in rows_by_version.items():
        for row in rows:
            seen.setdefault(tuple(map(escape, row)), set()).add(version)
    lines = [("\t".join(row).rstrip("\t"), run) for row, versions in seen.items() for run in runs(versions, known)]
    # By the bytes of the first column, so that it can be searched by halves.
    lines.sort(key=lambda line: (line[0].split("\t")[0].encode(), line[0].encode(), line[1]))
    text = "".join(row + (f"\t\x20{run}" if run else "") + "\n" for row, run in lines)
    (DATA / f"{name}.tsv").write_text(text)
    print(f"{name}: {len(lines)} rows, {len(text.encode())} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", action="append", required=True, metavar="MAJOR=HOME")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder, reachable by --os-user")
    parser.add_argument("--os-user", default="postgres")
    args = parser.parse_args()
    args.work = args.work.resolve()
    args.work.mkdir(parents=True, exist_ok=True)
    homes = {int(major): Path(home).resolve() for major, home in (s.split("=", 1) for s in args.server)}
    known = sorted(homes)
    system, extensions, controls = {}, {}, {}
    for major in known:
        home = installation(homes[major], args.work)
        extension_dir = next(p for p in (home / "share/postgresql/extension", home / "share/extension") if p.is_dir())
        declared, empty = declare_extensions(extension_dir)
        with Server(home, args.work, args.os_user) as conn:
            conn.execute("set client_min_messages to error")
            conn.execute("create role postgres superuser")
            for role in ROLES[2:]:
                conn.execute(f"create role {role}")  # extensions/ grants to them
            conn.execute(HELPERS)
            system[major] = system_facts(conn)
            rows, extensions[major] = extension_facts(conn, extension_dir, lambda name: True)
            # whence: c part of PostgreSQL, d declared in extensions/, e declared without contents
            whence = {r[0]: "e" if r[0] in empty else "d" if r[0] in declared else "c" for r in rows}
            controls[major] = [(*r[:3], whence[r[0]] + r[3], *r[4:]) for r in rows]
    DATA.mkdir(parents=True, exist_ok=True)
    for name, (_, _, member, _) in FILES.items():
        write(name, {v: system[v][name] for v in known}, known)
        if member or name == "family_operators":
            write(f"extension_{name}", {v: extensions[v].get(name, []) for v in known}, known)
    write("extensions", controls, known)


if __name__ == "__main__":
    main()
