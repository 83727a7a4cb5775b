SELECT count(*) FROM revisions WHERE editor_id = 78;
