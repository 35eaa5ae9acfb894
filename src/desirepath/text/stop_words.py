"""Which words say nothing of what a text is about? Stop words of seven languages, and their words of denial.

    "the" in STOP_WORDS             True
    "não" in DENIALS                True: no topic by itself, but "não recebi" is another thing than "recebi"

The lists were written for this project: articles, pronouns, prepositions, conjunctions, auxiliary verbs, particles, and
the pieces that are left of contractions. Words are casefolded, with their accents; French and Portuguese ones also
without, because people leave them out. A word that carries a matter in one of the languages (French "car" but English
"car", German "war" but English "war") is left out of the list where that matter comes up in what customers write.
"""

from __future__ import annotations

_ENGLISH = """
mr mrs ms mme mlle sr sra
about above after again against all almost along already also although always am among an and another any anyone
anything are around as at away back be became because become been before being below between both but by came can come
could did do does doing done down during each either else enough etc even ever every everyone everything few first for
from further gave get gets getting give given go goes going gone got gotten had has have having he her here hers
herself him himself his how however if in instead into is it its itself keep kept know last let like ll made make
makes making many may maybe me might more most much must my myself need next now of off often on once one ones only
onto or other others our ours ourselves out over own per perhaps please put quite rather re really said same saw say
says see seem seems seen several shall she should since so some someone something soon still such take taken tell than
that the their theirs them themselves then there therefore these they thing things think this those though through
thus till to today together told too took toward try trying two three under until up upon us use used using ve very
via want wanted was way we well went were what whatever when where whether which while who whole whom whose why will
with within would yes yet you your yours yourself im ive id dont didnt doesnt cant wont isnt wasnt couldnt wouldnt
havent hasnt hadnt thats
"""

_GERMAN = """
aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus bei beim
bereits bin bis bisher bist da dabei dadurch dafür dagegen daher damit danach dann daran darauf daraus darin darum
darüber das dass davon dazu dein deine dem den denen denn der deren des deshalb dessen die dies diese diesem
diesen dieser dieses doch dort du durch eben eigentlich ein eine einem einen einer eines einfach einige einmal er erst
es etwa etwas euch euer eure für ganz gar gegen gemacht genau gerade gern gibt ging habe haben hast hat hatte hatten
hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja je jede jedem jeden jeder jedes
jedoch jemand jetzt kann kannst können könnte lassen leider machen macht man manche mehr mein meine meinem meinen
meiner meines mich mir mit muss musste müssen nach nachdem natürlich neben noch nun nur ob oben oder ohne schon sehr
sein seine seinem seinen seiner seit selbst sich sie sind so sogar solche soll sollte sollten sondern sonst sowie um
und uns unser unsere unserem unseren unter viel viele vielen vom von vor wann warum was weil weiter welche welchem
welchen welcher welches wenig wenn wer werde werden wie wieder will wir wird wo wohl wollen wollte worden wurde wurden
während würde würden zu zum zur zwar zwei zwischen über bitte dich dir ab bzw mal halt
"""

_FRENCH = """
ai aie aient ainsi alors apres après as assez au aucun aucune aujourd aura aurait aussi autre autres aux avaient avais
avait avant avec avez avoir avons ayant beaucoup bien car ce ceci cela celle celles celui cependant ces cet cette ceux
chaque chez ci comme comment dans de depuis des dernière dernier deux deja déjà dès doit donc dont du elle elles en
encore enfin entre es est et etaient etait etant etc ete etre eu eux fait faire faut fois font furent hui il ils jai
je jusqu jusque la là le les leur leurs lors lorsque lui ma mais me meme memes mes mettre moi moins mon même mêmes ne
ni nos notre nous on ont ou où par parce parfois pendant peu peut peuvent peux plus plusieurs plutot plutôt pour
pourquoi pouvez pouvoir pres presque près puis puisque qu quand que quel quelle quelles quelque quelques quels qui
quoi sa sans sauf se selon sera serait ses seulement si soit sommes son sont souvent sous suis sur ta te tel telle
tels tes ton toujours tous tout toute toutes tres trop très tu un une va vais vers veux voir voici voila voilà vont
vos votre vous vraiment été étaient étais était étant êtes être cest jen dun dune sest nest ça ca afin via lequel
laquelle lesquels dit
"""

_PORTUGUESE = """
ainda alem além algo alguem alguém alguma algumas alguns ante antes ao aos apenas apos após aquela aquelas aquele
aqueles aqui aquilo as assim ate até bem cada com como da daquele das de dela dele deles depois desde dessa desse
desta deste disse disso do dos duas ela elas ele eles em embora enquanto entao então entre era eram essa essas esse
esses esta estamos estao estar estas estava estavam este estes estou está estão eu faz fazer fez fica ficar ficou foi
fomos for foram fosse fui ha havia há isso isto ja já la lhe lá logo mais mas me meio mesma mesmo meu meus minha
minhas muita muitas muito muitos na nao-obstante nas nele nesse nesta neste no nos nossa nossas nosso nossos num numa
nós onde os ou outra outras outro outros para pela pelas pelo pelos pois por porem porque porém pode podem pouco pq
pra pro poder posso quais qual quando quanto que quem ser sera será serao seria seu seus se sido so sob sobre sou sua
suas são só tal tambem também tanto te tem temos tenho ter teria teve tinha tive tinham tiveram toda todas todo todos
tudo um uma umas uns vai vao vez vezes vocês você voces voce vou vcs vc eh to ta tá tô aí ai né mim qualquer quase
porquê
"""

_SPANISH = """
al algo alguien algun alguna algunas alguno algunos algún ante antes aqui aquel aquella aquí asi así aun aunque aún
cada casi como con contra cosa cosas cual cuando cuanto cuál da dado de debe decir del desde despues después dice
dicen dijo donde dos durante dónde el ella ellas ello ellos en entonces entre era eran eres es esa esas ese eso esos
esta estaba estaban estado estamos estan estar estas este esto estos estoy está están fue fueron ha haber habia había
hace hacen hacer hacia han hasta hay haya he hecho hemos hizo hoy iba igual incluso ir la las le les lo los luego me
mejor-dicho mi mis mismo misma mientras mucha muchas mucho muchos muy más mas nos nosotros nuestra nuestro otra otras
otro otros para pero poco por porque pude puede pueden puedo pues que quien quién qué se sea sean segun según ser si
sido siempre siendo sin sino sobre solo somos son soy su sus sólo tal también tambien tan tanta tanto te tengo tenia
tenía tiene tienen tener toda todas todavia todavía todo todos tras tu tus un una unas uno unos usted ustedes va van
vez veces voy ya yo él
"""

_ITALIAN = """
abbiamo adesso agli ai al alcune alcuni alla alle allo allora altra altre altri altro anche ancora appena avendo aver
avere aveva avevo avete bene che chi ci ciò coi col come con cosa così cui da dagli dai dal dalla dalle dallo degli
dei del della delle dello dentro di dopo dove due ed ecco era erano ero essere faccio fanno far fare fatto fino fra
già gli ha hai hanno ho ieri il in io la le lei lo loro lui ma me meno mentre mi mia mie miei mio molta molte molti
molto ne negli nei nel nella nelle nello noi nostra nostro ogni oggi oltre ora per perché perche però pero più piu
poco poi possibile possono posso prima proprio può puo qua quale quali qualche quando quanto quasi quella quelle
quelli quello questa queste questi questo qui quindi sarà sarebbe se sei sempre senza si sia siamo siete solo sono
sopra sotto sta stata state stati stato sto sua sue sugli sui sul sulla sulle sullo suo suoi stessa stesso te ti tra
troppo tutta tutte tutti tutto un una uno va vi voi volta volte vostra vostro è cioè dell all nell sull dall quell
"""

_DUTCH = """
aan al alle alleen alles als altijd andere bent ben beter bij daar daarom dan dat de deze die dit doe doen door dus
echt een eens eerst elk en er erg ergens even gaan gaat gedaan geweest geworden ging had hadden heb hebben hebt heeft
heel hem hen het hier hij hoe hun iemand iets ik in inmiddels is ja jaar jij je jou jouw jullie kan komen komt kon
kunnen kunt maar maken meer meest men met mij mijn moest moet moeten mogen na naar net no nog nu of om omdat onder ons
onze ook op opnieuw over paar reeds sinds steeds te tegen ter terwijl toch toen tot tussen tijdens uit uw van veel via
vol voor waar waarom wanneer waren was wat weer wel welke werd werden wie wij wil wilde worden wordt zal ze zeer zelf
zich zij zijn zo zoals zonder zou zouden twee
"""

_DENIALS = """
no not never none nothing nobody nor neither cannot without nicht nichts kein keine keinem keinen keiner nie niemals
niemand ohne pas jamais rien sans aucun aucune ni não nao nunca nada nenhum nenhuma sem nem ninguém ninguem nadie
ningún ninguno ninguna tampoco sin jamás non mai niente nulla nessun nessuno nessuna senza né niet nooit niets geen
zonder
"""

DENIALS = frozenset(_DENIALS.split())
"""Words that deny the next one: no term alone, and the first half of a pair."""

STOP_WORDS = (
    frozenset(
        word
        for text in (_ENGLISH, _GERMAN, _FRENCH, _PORTUGUESE, _SPANISH, _ITALIAN, _DUTCH)
        for word in text.replace("-", " ").split()
    )
    - DENIALS
) - frozenset(
    # each of these carries a matter in one of the languages
    "car first last back use try need come care state cosa halt jaar beter vol meglio mejor obstante dicho net".split()
)
"""Words that are no term, alone or in a pair."""

__all__ = ["DENIALS", "STOP_WORDS"]
