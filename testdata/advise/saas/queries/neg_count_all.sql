SELECT sum(uses) FROM api_tokens;
