SELECT meter, sum(quantity) FROM usage_records WHERE tenant_id = '0b8854ad-38f0-a6c6-5807-928d28195609' GROUP BY meter;
