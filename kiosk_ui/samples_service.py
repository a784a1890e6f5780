"""Sample view models of one consumer's service: everything in them is fictional."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from store_service.rules.refusal import Finding, Step

from . import models as m
from .models import Frame, Words
from .models.reratio import ReratioRow, ReratioScreen

NOW = datetime(2026, 11, 22, 6, 2, 11, tzinfo=UTC)
SHOP = Words("示例美妆 · 静安店", "Sample Beauty · Jing'an")
BASE, BOOST, SOOTHE = (
    Words("基底乳液", "Base lotion"),
    Words("保湿精华", "Hydration booster"),
    Words("舒缓精华", "Calming serum"),
)
BLEND = Words("专属保湿乳液", "Personal moisturising lotion")
CODES = (
    m.SimCode("01095200000000281726091210L260117", Words("保湿精华 L260117", "Hydration booster L260117")),
    m.SimCode("01095200000000351727043010L260233", Words("舒缓精华 L260233", "Calming serum L260233")),
    m.SimCode("STAFF-0002", Words("工牌 店员乙", "Badge of Clerk B")),
)
FRAME = Frame(shop=SHOP, now=NOW, person="店员甲", clock_shifted=True, sim_codes=CODES, form_token="")
UNIT, SERVICE = "/kiosk/unit/u1", "s1"

OPENED_TOO_LONG = Finding(
    rule="R-BLD-04",
    title_zh="开封后使用期限",
    title_en="Use after opening",
    message_zh="不能使用这一批：开封已超过 60 天",
    message_en="This container may not be used: opened more than 60 days ago",
    facts={"lot_no": "L260117", "opened_on": "2026-09-12", "days": 71, "limit_days": 60},
    next_steps=(
        Step("把这一批移到“隔离”格", "Move this container to quarantine"),
        Step("取 L260233（货架 B2，余 412 g）再扫", "Take L260233 (shelf B2, 412 g left) and scan it"),
    ),
)
ALLERGEN = Finding(
    rule="R-CON-08",
    title_zh="过敏筛查",
    title_en="Allergy screen",
    message_zh="不能调配：舒缓精华含有顾客申报的过敏原",
    message_en="Not allowed: the calming serum holds an allergen that the consumer declared",
    facts={"allergens": ["香料", "芳樟醇"], "declared": "香料"},
    next_steps=(Step("改用不含香料的配方", "Choose a formula without fragrance"),),
)
DRY_ROOM = replace(
    ALLERGEN,
    rule="R-BLD-14",
    title_zh="环境",
    title_en="Room",
    message_zh="湿度偏高，配方范围未设上限，可继续并记录",
    message_en="Humidity is high; the envelope states no limit, so this is recorded",
    facts={"rh_pct10": 712},
    next_steps=(Step("打开除湿机", "Switch the dehumidifier on"),),
)
STAFF = (
    m.StaffTile("E01", Words("店员甲", "Clerk A"), Words("调配人员", "Blender")),
    m.StaffTile("E02", Words("店员乙", "Clerk B"), Words("放行人", "Releaser")),
    m.StaffTile("E03", Words("店员丙", "Clerk C"), Words("质量安全员", "Safety officer")),
    m.StaffTile(
        "E04",
        Words("店员丁", "Clerk D"),
        Words("调配人员", "Blender"),
        Words("R-PPL-04：健康检查已过期", "R-PPL-04: health check lapsed"),
    ),
)
ROWS = (
    m.ComponentRow(BASE, 12_000, 60, "pass", 12_004, ("L260088",)),
    m.ComponentRow(BOOST, 5_000, 50, "now"),
    m.ComponentRow(SOOTHE, 3_000, 40, "waiting"),
)
GAUGE = m.Gauge(3_912, 5_000, 4_950, 5_050)
DOSING = m.DosingScreen(
    "u1", BOOST, "L260117", Words("工位 2", "Channel 2"), False, 2, ROWS, GAUGE, "/gallery/still", 9
)
DOSED = replace(DOSING, rows=(ROWS[0], replace(ROWS[1], state="pass", actual_mg=5_004), ROWS[2]), seconds_left=None)
BRIEF = m.UnitBrief("u1", BLEND, "stopped", 15_916, f"{UNIT}/resume")
LOTS = (
    m.LotCard(
        "P1", BASE, 12_000, "ok", "L260088", date(2027, 8, 31), date(2026, 11, 2), 318_400, Words("工位 1", "Channel 1")
    ),
    m.LotCard("P2", BOOST, 5_000, "ok", "L260233", date(2027, 4, 30), None, 412_000, Words("工位 2", "Channel 2")),
    m.LotCard("P3", SOOTHE, 3_000, "now", place=Words("货架 B2", "Shelf B2"), by_hand=True),
)
CLEARANCE = (
    m.Item("no_leftover", Words("没有上一件的标签、瓶子与容器", "No label, pack or container of the last unit")),
    m.Item("tools_clean", Words("器具清洁干燥", "Tools clean and dry")),
)
RINSE = (
    m.Item("tools", Words("清洗混匀工具", "Wash the mixing tools")),
    m.Item("bench", Words("擦拭秤台与台面", "Wipe the scale and the bench")),
    m.Item("waste", Words("废料入桶", "Waste into the bin")),
)


QUESTIONS = {
    "one": m.Question(
        "broken_skin",
        "one",
        Words("面部有破损或伤口吗？", "Is there broken skin or a wound on the face?"),
        Words("破损皮肤上不得使用调配产品。", "A blend may not be used on broken skin."),
        (m.Item("no", Words("没有", "No")), m.Item("yes", Words("有", "Yes"))),
        may_skip=False,
    ),
    "many": m.Question(
        "allergies",
        "many",
        Words("对哪些成分过敏？", "Are you allergic to any of these?"),
        Words("与全部成分逐一比对，含有即不调配。", "Compared with every ingredient; a match is refused."),
        tuple(
            m.Item(key, Words(zh, en), key == "none")
            for key, zh, en in (
                ("none", "没有已知过敏", "None known"),
                ("fragrance", "香料", "Fragrance"),
                ("preservative", "防腐剂", "Preservatives"),
                ("lanolin", "羊毛脂", "Lanolin"),
                ("propolis", "蜂胶", "Propolis"),
                ("other", "其他", "Other"),
            )
        ),
        free_text=True,
    ),
    "number": m.Question(
        "age",
        "number",
        Words("年龄？", "Your age?"),
        Words("未成年人须监护人同意。", "Minors need a guardian's consent."),
        value="31",
        unit=Words("岁", "years"),
        may_skip=False,
    ),
}
IMAGE_CONSENT = Words(
    "单独同意拍摄皮肤图像，仅在本机看肤感，不识别身份，不建立人脸模板。不同意不影响服务。保存 30 天。",
    "I agree separately to a skin image, used on this machine only to look at the skin. Kept for 30 days.",
)
CONSENT = m.ConsentScreen(
    SERVICE,
    "N3",
    Words(
        "示例化妆品有限公司处理您的信息，仅用于今天的服务与安全追溯；您可随时撤回。",
        "Sample Cosmetics Ltd processes your data for today's service and for safety; you may withdraw at any time.",
    ),
    (
        m.ConsentText(
            "service",
            "C2",
            Words("个性化服务", "Personalised service"),
            Words("按您的回答现场调配", "Made for you from your answers"),
        ),
        m.ConsentText(
            "health",
            "C2",
            Words("过敏与皮肤状况", "Allergies and skin"),
            Words("只用于判断能否使用", "Only to judge whether you may use it"),
            sensitive=True,
        ),
        m.ConsentText(
            "contact",
            "C1",
            Words("联系方式", "Contact"),
            Words("召回时通知您", "To reach you in a recall"),
            needed=False,
        ),
    ),
)
FORMULA = m.FormulaScreen(
    SERVICE,
    1,
    2,
    BLEND,
    "blend",
    (
        m.FormulaRow("P1", BASE, 6_000, 5_000, 8_000, 12_000, Words("混合性皮肤", "combination skin")),
        m.FormulaRow("P2", BOOST, 2_500, 1_000, 3_000, 5_000, Words("觉得干", "feels dry")),
        m.FormulaRow("P3", SOOTHE, 1_500, 500, 1_500, 3_000, Words("容易泛红", "reddens easily"), may_plus=False),
    ),
    (m.Fill(15_000, False), m.Fill(20_000, True), m.Fill(30_000, False)),
    20_000,
    90,
    Words("2026-08-20 · 20 g", "2026-08-20 · 20 g"),
)
RULES = (
    "R-SCP-01",
    "R-SCP-03",
    "R-SCP-06",
    "R-ADM-01",
    "R-PPL-02",
    "R-CON-01",
    "R-CON-08",
    "R-BLD-01",
    "R-BLD-24",
    "R-LAB-18",
)
VERDICT = m.VerdictScreen(
    SERVICE,
    tuple(m.RuleLine(rule, Words("已核对", "Asked")) for rule in RULES),
    (replace(BRIEF, state="planned", mass_mg=20_000), m.UnitBrief("u2", BASE, "planned", 15_000, "#")),
)
POUR = replace(DOSING, by_hand=True, seconds_left=None, container="C-109", place=Words("C-109 · 货架", "C-109 · shelf"))
HELD = m.HeldScreen(
    "u1", BLEND, "沪-261122-310001-0017-K", "店员乙", "kiosk 2", "dosing", "/gallery/still", 22_884, True, "店员甲"
)
OFFICER = m.OfficerScreen(
    SERVICE,
    (m.Undecided("依兰油", ("香精",)),),
    ((BLEND, "水、甘油、丁二醇、鲸蜡硬脂醇、聚二甲基硅氧烷、透明质酸钠、苯氧乙醇、香精"),),
    STAFF[2:3],
)
CUP = m.CupScreen(
    "u1",
    Words("真空瓶 30 mL", "Airless pack 30 mL"),
    "PK2610",
    18_400,
    19_600,
    "/gallery/still",
    18_972,
    True,
    (
        m.Item("clean", Words("清洁、干燥、无异物", "Clean, dry, nothing inside")),
        m.Item("whole", Words("无破损，泵头完好", "Whole, pump head sound")),
    ),
)
WEIGH = m.WeighScreen("u1", BLEND, "weigh", "/gallery/still", 38_986, True, 18_972, 20_016, 60)
LABEL = m.LabelScreen(
    "u1",
    (
        m.LabelPart(
            1,
            "/gallery/label.png",
            Words("本件标签的打印图像", "The label as printed"),
            72,
            60,
            576,
            480,
            "310001-7Q2M9XK4T0ZB3",
            "preview",
        ),
    ),
    tuple(
        m.LintLine(rule, Words(zh, en), True)
        for rule, zh, en in (
            ("R-LAB-02", "必备标注项齐全", "All mandatory items"),
            ("R-LAB-05", "使用期限格式正确", "Use-by form"),
            ("R-LAB-07", "净含量字高达标", "Net content height"),
            ("R-LAB-11", "全部注意事项", "All warnings"),
            ("R-WORD-01", "没有禁用词", "No forbidden word"),
        )
    ),
)
HANDOVER_UNIT = m.HandoverUnit(
    BLEND,
    "沪-261122-310001-0017-K",
    "20.0 g",
    date(2027, 2, 20),
    "/gallery/qr.png",
)
TOLD = (
    m.ToldItem(
        "contents",
        Words("成分与来源", "what went in"),
        (
            Words(
                "澄壤水润基底乳 85 %，澄壤舒缓精华液 15 %。水、丁二醇、甘油、1,3-丙二醇、1,2-戊二醇、甜菜碱、"
                "甘油葡糖苷、烟酰胺、泛醇、北美金缕梅（HAMAMELIS VIRGINIANA）提取物、PCA 钠、"
                "马齿苋（PORTULACA OLERACEA）提取物、海藻糖；其他微量成分：尿囊素、乙基己基甘油、柠檬酸钠、"
                "茶（CAMELLIA SINENSIS）叶提取物、硅石、羟乙基纤维素、柠檬酸、透明质酸钠",
                "Base lotion 85 %, soothing serum 15 %. Water, butylene glycol, glycerin, propanediol, betaine",
            ),
            Words("澄壤护手霜 100 %。水、甘油、矿脂、鲸蜡硬脂醇", "Hand cream 100 %. Water, glycerin, petrolatum"),
        ),
        True,
    ),
    m.ToldItem("traits", Words("特点", "traits"), (Words("保湿。乳白色乳液", "Moisturising. A milky lotion"),)),
    m.ToldItem(
        "cautions",
        Words("注意事项", "cautions"),
        (
            Words(
                "取适量均匀涂于面部，避开眼周。仅供外用；如有不适，请立即停用。",
                "Apply evenly to the face, keep clear of the eyes. If your skin reacts, stop.",
            ),
        ),
    ),
    m.ToldItem(
        "use_period",
        Words("使用期限", "use period"),
        (Words("请在 2027-02-20 前用完。", "Use it up by 2027-02-20."),),
    ),
    m.ToldItem(
        "storage",
        Words("贮存条件", "storage"),
        (Words("置于阴凉干燥处，避免阳光直射。", "Keep cool, dry and out of the sun."),),
    ),
    m.ToldItem(
        "patch_test",
        Words("使用前局部试用", "patch test"),
        (
            Words(
                "第一次使用前，取少量涂在前臂内侧，24 小时没有不适再使用。",
                "Before the first use try a little inside the forearm; use it after 24 hours without discomfort.",
            ),
        ),
    ),
)
RESUME = m.ResumeScreen(
    "u1",
    "沪-261122-310001-0017-K",
    BLEND,
    BOOST,
    2,
    ROWS,
    3_912,
    5_000,
    NOW,
    NOW + timedelta(minutes=30),
    34_888,
    34_888,
    True,
    "/gallery/still",
)

RERATIO = ReratioScreen(
    "u1",
    "沪-261122-310001-0017-K",
    BLEND,
    BOOST,
    "over",
    True,
    5_400,
    5_000,
    (
        ReratioRow(SOOTHE, 3_000, 3_000, 0, off=False, landed=True, was_bp=1_500, to_bp=1_500),
        ReratioRow(BOOST, 5_000, 5_400, 0, off=True, landed=True, was_bp=2_500, to_bp=2_700),
        ReratioRow(BASE, 12_000, 11_600, 11_600, off=False, landed=False, was_bp=6_000, to_bp=5_800),
    ),
    20_000,
    20_000,
    "/gallery/still",
)
NO_WAY = replace(
    RERATIO,
    actual_mg=9_400,
    fill_mg=None,
    rows=tuple(replace(row, to_mg=None, to_add_mg=0, to_bp=None) for row in RERATIO.rows),
)


def a_dose() -> Iterator[m.Gauge]:
    """The end of one dose, 36 mg a reading."""
    for mg in (*range(3_912, 5_000, 36), 5_004):
        yield replace(GAUGE, mg=mg, state="in_band" if mg >= GAUGE.low_mg else "filling")
