SELECT * FROM feature_flags WHERE enabled;
