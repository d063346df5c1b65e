throw new Error('broken before it began');
