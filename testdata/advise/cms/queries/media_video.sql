SELECT id, path, bytes FROM media WHERE mime = 'video/mp4';
