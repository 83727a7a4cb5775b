SELECT source FROM redirects WHERE target = '/new/77';
