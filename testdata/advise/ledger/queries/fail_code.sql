SELECT id, failure FROM core.payments WHERE failure @> '{"code": "E7"}';
