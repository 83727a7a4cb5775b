SELECT status FROM core.payments WHERE id = '46d46a75-9bf6-cbed-05d7-bcdcb911a4f8';
