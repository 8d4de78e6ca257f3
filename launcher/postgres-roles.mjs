/** The superuser that initdb makes. Only the launcher's own set-up uses it. */
export const superuser = 'jobyard'
/** The role that everything else signs in as. It owns its database and may do nothing else. */
export const role = 'jobyard_app'
/** The database of that role. */
export const database = 'jobyard'

/**
 * The statements that make or renew the two roles, one in a line, because single-user mode reads them so.
 * @param {{ password: string, superuserPassword: string }} access of letters, digits, `-` and `_` only
 */
export const roleStatements = ({ password, superuserPassword }) => [
  `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN CREATE ROLE ${role}; END IF; END $$`,
  `ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '${password}'`,
  `ALTER ROLE ${superuser} PASSWORD '${superuserPassword}'`,
]

const ownSchema = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`
/** @param {string} id */
const noExtensions = (id) => `NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = ${id} AND d.deptype = 'e')`

/**
 * Gives the role what an earlier version's superuser owns in the database. PostgreSQL's `REASSIGN OWNED` refuses to do
 * so for the superuser that initdb made. A column's own sequence follows its table, and the schema `public` follows its
 * database.
 */
export const handOver = `
  DO $$ DECLARE one record; BEGIN
    FOR one IN
      SELECT format('SCHEMA %I', n.nspname) AS thing FROM pg_namespace n WHERE ${ownSchema} AND n.nspname <> 'public'
      UNION ALL
      SELECT format('%s %s', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, c.oid::regclass)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE ${ownSchema} AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND ${noExtensions('c.oid')}
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND c.relkind = 'S' AND d.deptype IN ('a', 'i'))
      UNION ALL
      SELECT format('ROUTINE %s', p.oid::regprocedure) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${ownSchema} AND ${noExtensions('p.oid')}
      UNION ALL
      SELECT format('TYPE %s', t.oid::regtype) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${ownSchema} AND t.typtype IN ('e', 'd', 'r') AND ${noExtensions('t.oid')}
    LOOP EXECUTE format('ALTER %s OWNER TO ${role}', one.thing); END LOOP;
  END $$`
  .replace(/\s+/g, ' ')
  .trim()
