"""Inquiries, complaints, suggestions, visits and letters of the year."""

from datetime import timedelta

# Kind, user, days ago it came, days until closed (None: open, "wait": waiting),
# subject, what was said, the answer.
CONTACTS = (
    (
        "inquiry",
        "officer",
        210,
        1,
        "شروط التقديم",
        "ما شروط التقديم على دعم الأجهزة؟",
        "شرحنا الشروط والمستندات وأرسلنا رابط الطلب.",
    ),
    (
        "inquiry",
        "officer",
        160,
        2,
        "موعد الرد على الطلب",
        "متى يصلني الرد على طلبي؟",
        "أوضحنا أن الرد خلال مدة لا تقل عن شهر من إحالة الطلب للجنة.",
    ),
    (
        "inquiry",
        "officer",
        75,
        0,
        "تحديث رقم الجوال",
        "أرغب في تحديث رقم الجوال.",
        "تم تحديث البيانات بعد التحقق من الهوية.",
    ),
    (
        "inquiry",
        "officer",
        12,
        4,
        "المستندات الناقصة",
        "ما المستند الناقص في ملفي؟",
        "المطلوب تقرير طبي حديث لا يتجاوز ستة أشهر.",
    ),
    (
        "inquiry",
        "officer",
        1,
        None,
        "دعم الأدوية الشهرية",
        "هل يشمل الدعم أدوية والدتي؟",
        "",
    ),
    (
        "inquiry",
        "officer",
        6,
        None,
        "مواعيد المراجعة",
        "ما مواعيد استقبال المراجعين؟",
        "",
    ),
    (
        "complaint",
        "complaints",
        140,
        4,
        "تأخر الرد",
        "مضى شهران ولم يصلني رد.",
        "تبين انتظار عرض سعر، وتم التواصل والاعتذار وإبلاغ المستفيد بالقرار.",
    ),
    (
        "complaint",
        "complaints",
        95,
        5,
        "صعوبة الوصول بالهاتف",
        "لا أحد يرد على الهاتف.",
        "أضيف رقم ثان لخدمة المستفيدين وعولجت المشكلة.",
    ),
    (
        "complaint",
        "complaints",
        60,
        3,
        "طريقة التعامل",
        "لم يعجبني أسلوب الموظف.",
        "تم الاستماع للمستفيد والاعتذار له وتنبيه الموظف.",
    ),
    (
        "complaint",
        "complaints",
        40,
        6,
        "موعد لم يلتزم به",
        "حضرت في الموعد ولم أجد أحدا.",
        "أعيد تحديد الموعد واعتذرنا للمستفيد.",
    ),
    (
        "complaint",
        "complaints",
        33,
        2,
        "جهاز به خلل",
        "الجهاز المستلم لا يعمل.",
        "استبدل المورد الجهاز خلال يومين.",
    ),
    (
        "complaint",
        "complaints",
        3,
        None,
        "تكرار طلب المستندات",
        "طلب مني المستند مرتين.",
        "",
    ),
    (
        "complaint",
        "complaints",
        11,
        None,
        "عدم وضوح سبب الرفض",
        "لم أفهم سبب رفض طلبي.",
        "",
    ),
    (
        "suggestion",
        "officer",
        120,
        10,
        "رسالة عند كل مرحلة",
        "أقترح إرسال رسالة نصية عند كل مرحلة من الطلب.",
        "اعتمد المقترح وهو قيد التنفيذ.",
    ),
    (
        "suggestion",
        "officer",
        9,
        None,
        "مواقف قريبة لكبار السن",
        "أقترح تخصيص مواقف قريبة من المدخل لكبار السن.",
        "",
    ),
    (
        "referral",
        "officer",
        48,
        1,
        "عدم وضوح الإجراءات",
        "لا يعرف المستفيد من أين يبدأ.",
        "أحيل إلى مسؤول البحث الاجتماعي وتم شرح الخطوات.",
    ),
    (
        "visit",
        "researcher",
        88,
        0,
        "زيارة منزلية",
        "زيارة للاطلاع على حال الأسرة.",
        "المسكن مستأجر بغرفتين والحالة كما ورد في الطلب.",
    ),
    ("visit", "researcher", 2, "wait", "زيارة مؤجلة", "طلبت الأسرة تأجيل الزيارة.", ""),
    (
        "follow_up",
        "officer",
        55,
        0,
        "متابعة بعد العملية",
        "الاطمئنان على المريض بعد العملية.",
        "تماثل المريض للشفاء وشكر الجمعية.",
    ),
    (
        "follow_up",
        "officer",
        30,
        0,
        "متابعة استخدام الجهاز",
        "هل الجهاز مناسب؟",
        "الجهاز يعمل ويستخدم يوميا.",
    ),
    (
        "letter_in",
        "officer",
        66,
        3,
        "خطاب من مستشفى",
        "إفادة بموعد العملية وتكلفتها.",
        "أرفق الخطاب بملف المستفيد ورد على المستشفى.",
    ),
    (
        "letter_out",
        "officer",
        64,
        0,
        "خطاب إلى مستشفى",
        "تأكيد تغطية تكلفة العملية.",
        "أرسل الخطاب بالبريد الرسمي.",
    ),
    ("letter_in", "officer", 4, None, "خطاب من مدرسة", "تعريف بحالة طالب مريض.", ""),
)


class Contacts:
    """What the officers write down of their contacts with people."""

    def __init__(self, demonstration):
        self.demonstration = demonstration

    def events(self):
        """Yield what happens: day, rank, what to do, its arguments."""
        today = self.demonstration.today
        for number, contact in enumerate(CONTACTS):
            came = today - timedelta(days=contact[2])
            yield came, 15, self.open, (number,)
            if isinstance(contact[3], int):
                closed = came + timedelta(days=contact[3])
                yield closed, 98, self.close, (number,)
            elif contact[3] == "wait":
                yield came, 98, self.wait, (number,)

    def open(self, number):
        """Write a contact down."""
        kind, login, _ago, _open, subject, words, _answer = CONTACTS[number]
        env = self.demonstration.as_user(login)
        person = self.demonstration.ref(f"person_{5 + number * 12:03d}")
        values = {
            "type_id": env["beneficiary.interaction.type"]
            .search([("kind", "=", kind)], limit=1)
            .id,
            "beneficiary_id": person.id,
            "channel_id": env["beneficiary.channel"].search([], limit=3)[number % 3].id,
            "subject": subject,
            "description": words,
            "user_id": env.uid,
        }
        if subject == "طريقة التعامل":
            values["complained_user_id"] = self.demonstration.users["officer"].id
        interaction = env["beneficiary.interaction"].create(values)
        self.demonstration.name(f"contact_{number:02d}", interaction)

    def close(self, number):
        """Answer and close a contact."""
        interaction = self._interaction(number)
        interaction.answer = CONTACTS[number][-1]
        interaction.action_close()

    def wait(self, number):
        """Wait on the person."""
        self._interaction(number).action_wait()

    def _interaction(self, number):
        env = self.demonstration.as_user(CONTACTS[number][1])
        return self.demonstration.ref(f"contact_{number:02d}").with_env(env)
