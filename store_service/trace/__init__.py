"""Which lot went where, and the numbers by which the world asks."""
