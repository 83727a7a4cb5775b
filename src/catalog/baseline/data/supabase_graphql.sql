create extension pg_graphql with schema graphql;
