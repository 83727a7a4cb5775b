SELECT id FROM members WHERE invited_by = 17;
