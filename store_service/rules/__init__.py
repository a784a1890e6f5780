"""What the law says. Pure: no database, no clock, no other room of the shop.

`dossier` is what head office publishes, `case` is what a gate looks at, `refusal` is the answer;
`catalogue` reads config/rules, `gates.ask` asks every rule of one gate and collects every "no".
"""
