SELECT id, handle FROM authors WHERE banned;
