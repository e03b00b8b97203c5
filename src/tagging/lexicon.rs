//! Words that tell what the capitalised words around them are. General vocabulary, no names.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// Ends an organization's name and nothing else: Corp, Ltd, Plc.
pub(super) const LEGAL: u16 = 1;
/// Ends the name of a body when capitalised: Bank, University, Commission.
pub(super) const BODY: u16 = 2;
/// Ends a company's name often: Mining, Resources, Technologies.
pub(super) const SECTOR: u16 = 4;
/// Starts a body's name before "of": Ministry, Bank, University.
pub(super) const HEAD: u16 = 8;
/// Never the first word of a name: The, In, Chairman, Monday.
pub(super) const NOT_FIRST: u16 = 16;
/// Stands before a person's name: Mr, President, Minister.
pub(super) const TITLE: u16 = 32;
/// A given name that is also a place.
pub(super) const GIVEN: u16 = 64;
/// Joined by "and" inside one name: Science and Technology.
pub(super) const FIELD: u16 = 128;
/// Too common to be a short name by itself: General, National, First.
pub(super) const COMMON: u16 = 256;

/// A town's name that is a word of the language or a surname first.
pub(super) const WORD: u16 = 512;

/// Starts a body's name before a preposition of another language: Banco de, Caisse de, Bank für.
pub(super) const FOREIGN_HEAD: u16 = 1024;

const WORDS: &[(u16, &str)] = &[
    (
        FOREIGN_HEAD,
        "bank banco banca banque caisse compagnie companhia compania societe institut instituto credit grupo empresa \
         caixa confederation federation federacion confederacion ministere ministerio camara bolsa bourse comision",
    ),
    (
        HEAD,
        "banco banca banque caisse compagnie companhia compania societe institut instituto credit grupo empresa caixa \
         federacion confederacion ministere ministerio camara comision",
    ),
    (
        WORD,
        "acre airport alliance alma along alot ama ann anthem anyi apex ascension asia aurora banning bar \
         bath batman bay bear bell bend best billings boom borne bow brent brick bury buy cascade central \
         centre champlin clay coast cobalt cocoa commerce confederation corona crystal date deal dean defense \
         defiance dinar eagle east eastern eden enterprise erode est evergreen federal fleet forest gap \
         garner gay goes golden grad grants green greenfield groves guide guiding gulf hailing harmony hilo \
         ho holiday hook hoover hope howard hub hue humble hurricane independence industry jam justice \
         kennedy lander lean lend lens liberal liberty lima lincoln lira lot male man manage march maritime \
         marks media mentor metro midstream midway mile mine mission mobile mol mon moreno moss most much \
         napo natal nice normal north northeast northeastern northern northwest of officer opportunity oral \
         orange pace papaya para paradise paramount pare peer pen pest plaque plateau plunge police pool pop \
         price prosper providence punchbowl reading republic reservoir retreat rich rivers rye saga sake sale \
         salt same say se sedan semi sharp simmering south southeastern southern sparks split spring springs \
         sterling stoke sue sulphur summit sunrise superior sur surprise tank thompson time tire torrent \
         trail troll troy turbo un union unity university upland van var ware warren wedding welcome west \
         western wheeling wil young yuan",
    ),
    (
        LEGAL,
        "corp corporation inc incorporated co company ltd limited plc llc llp ag sa nv bv asa oyj spa kk bhd gmbh \
         pty pte pcl tbk pjsc jsc ooo sarl srl sab berhad cos cie",
    ),
    (
        BODY,
        "group holdings holding bank banks university institute association agency authority commission council exchange \
         federation organization organisation committee foundation ministry department bureau administration \
         airlines airways insurance college academy chamber society confederation consortium alliance \
         cooperative laboratory laboratories union secretariat conglomerate bourse observatory tribunal directorate \
         inspectorate board office service survey fund",
    ),
    (
        SECTOR,
        "mining mines resources minerals metals steel steelworks energy petroleum oil gas technologies technology motors motor \
         electric electronics industries systems partners capital securities financial pharmaceuticals \
         chemicals chemical foods stores communications media entertainment labs research services ventures \
         investments investment management advisors advisers futures trust shipping brothers solar semiconductor automotive \
         biotech bancorp brands consulting analytics copper gold aluminium aluminum nickel lithium coal uranium cement \
         cannabis refining petrochemical petrochemicals power utilities railways railway railroad lines logistics telecom materials engineering \
         construction properties realty fertilizers fertiliser potash explorations exploration \
         commodities brokerage international enterprises products semiconductors pictures studios airports bancshares",
    ),
    (
        HEAD,
        "ministry department bank university institute bureau office administration association federation council \
         commission academy chamber board union society college center centre agency organization organisation \
         committee confederation court exchange corp corporation company league conference secretariat",
    ),
    (
        NOT_FIRST,
        "the a an in on at by for from with and but or as to of if when while after before since although though however \
         meanwhile also both its his her their our my your this that these those last next then there here where what who why how \
         is are was were will would could should may might can not no yes so it he she they we i you \
         chairman ceo cfo coo president chief executive officer director minister mr mrs ms dr analyst economist spokesman \
         spokeswoman senior vice deputy former secretary governor senator professor manager managing head founder \
         monday tuesday wednesday thursday friday saturday sunday january february march april may june july august \
         september october november december jan feb mar apr jun jul aug sep sept oct nov dec \
         under over about among between against despite according says said per via until during through because \
         some all any each every many most more other another such only even just still yet once like unlike \
         source sources photo video related read updates update factbox highlights breaking exclusive analysis \
         including excluding following amid instead additionally furthermore moreover separately currently recently today \
         yesterday tomorrow earlier later now again begins becomes becoming shows flags bodes downgrades upgrades \
         initiates reiterates expects less latest decade tipranks benzinga get gets desirable rival giant maker miner producer state-owned shares stocks \
         q qtr nine mths year net shr",
    ),
    (
        TITLE,
        "mr mrs ms miss dr sir lord lady president chairman chairwoman minister premier chancellor senator governor \
         secretary ambassador professor prof sen rep gov gen general colonel captain judge justice king queen prince \
         princess pope analyst economist ceo director spokesman spokeswoman actor actress coach mayor congressman",
    ),
    (
        GIVEN,
        "jordan paris chad georgia israel sydney austin dallas houston charlotte victoria florence brooklyn carolina \
         virginia chelsea kent lincoln madison jackson washington india china kenya asia savannah sierra dakota \
         phoenix cheyenne denver geneva vienna verona milan london holland ireland lourdes santiago diego francisco \
         adelaide alexandria lima troy orlando warren clinton marshall wayne monroe hamilton douglas cuba milton \
         santa cruz luis antonio jose pedro rosa lucia clara angeles salvador marino tunis bethlehem montana",
    ),
    (
        FIELD,
        "iron steel food drug science sciences technology trade industry industries construction engineering economic economics social health human \
         information rural urban agriculture agricultural forestry fisheries fishery development reform commerce \
         commercial labour labor planning finance financial education culture tourism transport transportation water environment \
         environmental emergency quality standards land natural national security exchange futures marine oceanic atmospheric \
         securities oil gas mining metals minerals mineral petroleum energy chemicals chemical power nuclear defense defence \
         insurance banking foreign home internal external investment export import industrial technical research \
         cooperation protection supervision inspection quarantine safety prevention control settlement pensions welfare \
         resources materials services geology geological survey law justice public private maritime shipping rail roads aviation \
         space aeronautics telecommunications communications media broadcasting nutrition consumer affairs \
         ways means producing exporting importing developing exploration production ecology housing community works budget management business enterprises arts medicine physics chemistry trust machinery electronics tobacco",
    ),
    (
        COMMON,
        "general national first united new international american european british chinese japanese asian african australian canadian \
         indian russian german french korean bank university ministry royal global world federal state central \
         east west north south eastern western northern southern pacific atlantic standard royal great grand golden \
         red blue green black white big good best american-based public people peoples industrial commercial \
         agricultural economic financial foreign social energy natural oil gas steel gold silver copper iron \
         mining metal metals power electric advanced capital credit asset investment sun star city union joint \
         department institute group council commission association agency board office system systems data digital \
         smart modern future research business market markets trade commerce export import food water air land sea \
         home house life time times post news daily morning evening santa san los las el la le de van von bin al \
         total stock delta target gap orange visa shell ball block key apple amazon oracle sprint sunrise chief king prince \
         rare earth strategic critical high new-york sino euro latin southeast northeast northwest southwest middle \
         asia africa america europe antarctica pan trans inter federal-state mineral minerals resources supreme \
         treasury health human labor justice defense defence agriculture transportation interior education customs \
         securities insurance savings trust mutual general-electric primary senior junior south-east deep old young \
         hong york washington beijing shanghai london tokyo paris sydney singapore moscow",
    ),
];

static CLASSES: LazyLock<FxHashMap<&'static str, u16>> = LazyLock::new(|| {
    let mut map: FxHashMap<&'static str, u16> = FxHashMap::default();
    for (class, words) in WORDS {
        for word in words.split_whitespace() {
            *map.entry(word).or_default() |= class;
        }
    }
    map
});

/// The classes of a folded word, as a sum of the constants above.
#[inline]
pub(super) fn class(term: &str) -> u16 {
    CLASSES.get(term).copied().unwrap_or(0)
}

const GIVEN_NAMES: &str = "cesar magdalena lara rodrigo ivan darwin guido fausto gino dario wilbur dudley steven sajid sanjay sunil vikram anil ashok arun deepak manoj suresh ramesh rakesh narendra ahmed ali hassan hussein khalid ibrahim yusuf omar abdul mustafa mahmoud abdullah sultan tariq nasser faisal hamad mehmet recep emmanuel francois thierry yoshihide shinzo taro hiroshi kenji takashi akira yasuo junichiro kazuo masaaki toshihiko makoto haruhiko vagit dmitriy alexey sergei anatoly nikolay roman viktor igor vladislav arkady andrey maxim pavel aleksandr jens lars anders hakan bjorn erik mats goran svein knut olav jorgen hilde arne gunnar wolfgang juergen klaus werner heinz uwe hartmut aaron adam adrian aidan alain alan albert alejandro alex alexander alexei alfred alice alison allan allen amanda amit amy ana anders andre andrea andreas andrei andres andrew andy angela anna anne anthony antoine anton arthur ashley barbara barry ben benjamin bernard beth bill blake bob boris brad bradley brandon brendan brent brett brian bruce bruno bryan caleb cameron carl carla carlo carlos carol caroline catherine cathy charles charlie chloe chris christian christina christine christoph christopher claire claude claudia colin connor craig cynthia cyril daniel daniela danny dave david dean deborah denis dennis derek diana diane dieter dilip dmitri dmitry dominic don donald donna doug duncan dylan ed eddie eduardo edward edwin elena eliot elizabeth ellen emily emma eric erik ernest ethan eugene eva evan felipe felix fernando fiona frances francois frank fred frederic gabriel gareth gary gavin gene geoff geoffrey george gerald gerard gerhard gilbert gina giovanni glen glenn gordon graham grant greg gregory guillermo gustavo guy hannah hans harold harry heather hector heidi helen helene helmut henrik henry herbert howard hugh hugo ian igor ilya irene isaac isabel ivan jack jacob jacques jake james jamie jan jane janet jason javier jay jean jeff jeffrey jennifer jeremy jerry jesse jessica jim joan joe joel johan johannes john johnny jon jonathan jorge joseph josh joshua joyce juan judith judy julia julian julie jurgen justin karen karim karl kate katherine kathleen kathy katie keith kelly ken kenneth kerry kevin kim kirk kirsten kurt kyle lance larry laura lauren laurence laurent lawrence lee leo leon leonard leslie lewis liam linda lisa liz loretta louis louise lucas luca lucy luke lynn manuel marc marcel marco marcus margaret maria marie mario marius mark martha martin mary mathieu matt matteo matthew maurice max melanie melissa michael michel michelle miguel mike mikhail milton miriam mohamed mohammed monica morgan nadia nancy naomi natalie natasha nathan neal neil nicholas nick nicola nicolas nigel nikolai nina noah norman olga oliver olivier oscar owen pablo pamela patricia patrick paul paula pavel pedro peggy peter phil philip philippe phyllis pierre rachel rafael rahul raj rajesh ralph ramon randy raul ravi ray raymond rebecca ricardo richard rick rita rob robert roberto robin rodrigo roger roland ron ronald rory ross roy russell ruth ryan sally sam samantha samuel sandra sara sarah sasha scott sean sebastian sergei sergey sergio seth shane shannon sharon shawn sheila simon sofia sonia sophie stan stanley stefan stella stephanie stephane stephen steve steven stuart sue susan suzanne sven sylvia tamara tanya ted terence teresa terry theresa thierry thomas tim timothy tina todd tom tony tracy trevor tyler umesh valerie vanessa vera vicky victor vijay vincent vivek vivian vladimir walter wendy wilhelm will william wolfgang yuri yves zach";

const PINYIN_SURNAMES: &str = "wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin guo luo zheng liang xie tang han cao deng feng peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lu ding ren shen yao lu fu zhong cui tan liao fan wang lu shi jin jia xia fang zou xiong bai meng qin qiu hou jiang yin xue yan duan lei long tao mao gu hao gong shao qian yan lai wan wen niu ni hong pang shang";

static PEOPLE: LazyLock<rustc_hash::FxHashSet<&'static str>> =
    LazyLock::new(|| GIVEN_NAMES.split_whitespace().chain(PINYIN_SURNAMES.split_whitespace()).collect());

/// Whether a folded word is a given name, or a Chinese surname in Latin letters.
pub(super) fn is_given_name(term: &str) -> bool {
    PEOPLE.contains(term)
}

/// Whether a folded word is a Chinese surname in Latin letters.
pub(super) fn is_chinese_surname(term: &str) -> bool {
    static SURNAMES: LazyLock<rustc_hash::FxHashSet<&'static str>> =
        LazyLock::new(|| PINYIN_SURNAMES.split_whitespace().collect());
    SURNAMES.contains(term)
}

/// Words inside a name that are not capitalised.
pub(super) fn is_connector(term: &str) -> bool {
    matches!(
        term,
        "of" | "and"
            | "de"
            | "do"
            | "da"
            | "du"
            | "for"
            | "the"
            | "del"
            | "des"
            | "y"
            | "e"
            | "on"
            | "en"
            | "et"
            | "und"
            | "in"
    )
}

/// Capitals that newspapers use for their governments: folded name, alpha-2 code.
const CAPITALS: &[(&str, &str)] = &[
    ("beijing", "CN"),
    ("washington", "US"),
    ("moscow", "RU"),
    ("tokyo", "JP"),
    ("tehran", "IR"),
    ("teheran", "IR"),
    ("hanoi", "VN"),
    ("jakarta", "ID"),
    ("canberra", "AU"),
    ("santiago", "CL"),
    ("ottawa", "CA"),
    ("seoul", "KR"),
    ("pyongyang", "KP"),
    ("new delhi", "IN"),
    ("delhi", "IN"),
    ("islamabad", "PK"),
    ("riyadh", "SA"),
    ("baghdad", "IQ"),
    ("kiev", "UA"),
    ("kyiv", "UA"),
    ("ankara", "TR"),
    ("athens", "GR"),
    ("berlin", "DE"),
    ("paris", "FR"),
    ("rome", "IT"),
    ("madrid", "ES"),
    ("lisbon", "PT"),
    ("warsaw", "PL"),
    ("budapest", "HU"),
    ("brasilia", "BR"),
    ("buenos aires", "AR"),
    ("caracas", "VE"),
    ("havana", "CU"),
    ("cairo", "EG"),
    ("tripoli", "LY"),
    ("pretoria", "ZA"),
    ("manila", "PH"),
    ("bangkok", "TH"),
    ("naypyidaw", "MM"),
    ("taipei", "TW"),
    ("damascus", "SY"),
    ("kabul", "AF"),
    ("tel aviv", "IL"),
    ("minsk", "BY"),
    ("kinshasa", "CD"),
    ("lusaka", "ZM"),
    ("harare", "ZW"),
    ("abuja", "NG"),
    ("london", "GB"),
    ("华盛顿", "US"),
    ("莫斯科", "RU"),
    ("德黑兰", "IR"),
    ("平壤", "KP"),
    ("首尔", "KR"),
    ("新德里", "IN"),
    ("伊斯兰堡", "PK"),
    ("堪培拉", "AU"),
    ("渥太华", "CA"),
    ("基辅", "UA"),
    ("东京", "JP"),
    ("柏林", "DE"),
    ("巴黎", "FR"),
    ("伦敦", "GB"),
    ("河内", "VN"),
    ("雅加达", "ID"),
    ("马尼拉", "PH"),
    ("利雅得", "SA"),
    ("安卡拉", "TR"),
    ("雅典", "GR"),
    ("罗马", "IT"),
    ("马德里", "ES"),
    ("北京", "CN"),
];

static CAPITAL_OF: LazyLock<FxHashMap<&'static str, &'static str>> =
    LazyLock::new(|| CAPITALS.iter().copied().collect());

/// The country whose capital a folded name is, as alpha-2 code.
pub(super) fn capital_of(name: &str) -> Option<&'static str> {
    CAPITAL_OF.get(name).copied()
}
