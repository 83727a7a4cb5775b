DELETE FROM core.payments WHERE id = '72e9dd23-7071-5f4d-a44a-3ffc04ad9863';
