#!/usr/bin/env python3
"""Makes company_deals.csv and company_orders.csv, the history of a simulated company (see README.md beside this script):

    python3 make_company.py

A coffee roaster wins offices as customers. Deals walk day by day through Lead, Tasting and Offer to Won or Lost; who is
won buys again by the BG/NBD and spends by the Gamma-Gamma model of customer lifetime value. Deals and orders belong
together: the first order of a customer is what his deal brought, on the day it was won.
"""

import datetime
import math
import random

BEGIN, END = datetime.date(2024, 1, 1), datetime.date(2027, 1, 1)
NEW_PER_DAY = 0.9
# Chance of leaving a day, and where to.
STAGES = {
    "Lead": (0.12, [("Tasting", 0.6), ("Lost", 0.4)]),
    "Tasting": (0.07, [("Offer", 0.6), ("Lost", 0.4)]),
    "Offer": (0.06, [("Won", 0.65), ("Lost", 0.35)]),
}
SALE_MEDIAN, SALE_DEVIATION = 900, 0.5
# In weeks: rates of purchase ~ Gamma(R, rate ALPHA), chances to leave after each ~ Beta(A, B).
R, ALPHA, A, B = 1.5, 8, 0.6, 3
# Amounts ~ Gamma(P, rate v), v ~ Gamma(Q, rate GAMMA).
P, Q, GAMMA = 4, 5, 400


def poisson(mean, rng):
    count, product = 0, rng.random()
    while product > math.exp(-mean):
        count += 1
        product *= rng.random()
    return count


def source_of(rng, leaves):
    """Where a deal came from, drawn apart from all else: who was recommended is more often one who stays."""
    referral = 0.15 if leaves is None else 0.5 if leaves < 0.1 else 0.1
    pick = rng.random()
    return "referral" if pick < referral else "fair" if pick < referral + 0.4 else "web"


def later_orders(rng, days, rate, leaves):
    """Days since the first order, and amounts, of a customer of this rate a day and chance to leave."""
    scale = rng.gammavariate(Q, 1) / GAMMA
    time = 0.5
    while True:
        time += rng.expovariate(rate)
        if time >= days:
            return
        yield int(time), rng.gammavariate(P, 1) / scale
        if rng.random() < leaves:
            return


def main():
    rng, of_sources = random.Random(20260101), random.Random(7)
    days = (END - BEGIN).days
    deals, orders, sources = [], [], {}
    count = 0
    for created in range(days):
        for _ in range(poisson(NEW_PER_DAY, rng)):
            count += 1
            number = f"{count:04d}"
            sale = round(SALE_MEDIAN * math.exp(rng.gauss(0, SALE_DEVIATION)), -1)
            stage, day = "Lead", created
            deals.append((day, number, stage, sale))
            while stage in STAGES:
                day += 1
                if day >= days:
                    break
                leaving, exits = STAGES[stage]
                if rng.random() >= leaving:
                    continue
                pick = rng.random()
                stage = exits[0][0] if pick < exits[0][1] else exits[1][0]
                deals.append((day, number, stage, sale))
            leaves = None
            if stage == "Won":
                orders.append((day, number, sale))
                rate, leaves = rng.gammavariate(R, 1) / ALPHA / 7, rng.betavariate(A, B)
                for later, amount in later_orders(rng, days - day, rate, leaves):
                    orders.append((day + later, number, round(amount, 2)))
            sources[number] = source_of(of_sources, leaves)

    def date(day):
        return (BEGIN + datetime.timedelta(days=day)).isoformat()

    with open("company_deals.csv", "w", newline="\n") as out:
        out.write("deal,stage,date,amount,source\n")
        for day, number, stage, amount in sorted(deals, key=lambda row: row[0]):
            out.write(f"D{number},{stage},{date(day)},{amount:.0f},{sources[number]}\n")
    with open("company_orders.csv", "w", newline="\n") as out:
        out.write("customer,date,amount,source\n")
        for day, number, amount in sorted(orders, key=lambda row: row[0]):
            out.write(f"C{number},{date(day)},{amount:.2f},{sources[number]}\n")


if __name__ == "__main__":
    main()
