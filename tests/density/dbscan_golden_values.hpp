#pragma once

// Labels by DBSCAN of scikit-learn 1.2.1. Do not edit. Made by
//   python3 tests/golden/dbscan.py

#include <corymb/core/types.hpp>

#include <string_view>

namespace dbscan_golden {

struct Case {
  std::string_view data;
  double eps;
  corymb::Index min_points;
  std::string_view metric;
  std::string_view labels;  // by row; "." is noise, "a" is 0
};

// clang-format off
inline constexpr Case cases[] = {
    {"iris", 0.5, 5, "euclidean",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaabbbbbbb.bb.bbbbbbb.bbbbbbbbbbbbbbbbbb.bbbbb.bbbb.b"
     "bbbbb..b..bbbbbbb..bbb.bbbbbbbb.bb..bbbbbbbbbbbbbb"},
    {"iris", 0.42, 6, "euclidean",
     "aaaaaaaaaaaaaa..aaaaaa.aaaaaaaaaaaaaaaaaa.aaaaaaaabbbbbbb.bb.b.b.bbb.bcbcbbbbbb.bbbcb.b.bbbbb.bbbb.b"
     ".cddd.....dddc.dd...dc.cd.ccd...dc..ddcdddcdddcddc"},
    {"iris", 0.95, 10, "manhattan",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbb.bb.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.bbbb.b"
     "bbbbb.....bbbbbbb..bbb.bbbbbbbb.bbb.bbbbbbbbbbbbbb"},
    {"iris", 0.35, 5, "chebyshev",
     "aaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaa.aaaaaaaabbbbbbb.bb.b.bbbbb.bbbbbbbbbbbbbbbbbb.bbbbb.bbbb.b"
     "bbbbb...b.bbbb.bb..bbb.bbbbbb.b.bb..bbbbbbbbbbbbbb"},
    {"wine", 30, 5, "euclidean",
     "aa..b.ccaa.cc..cca.dbbaadd.cdac.a.a.daabbaabdaa.ac.c..aa.ccbbbbbbbbbb.dbb.dbbbbb.bbbbbbbbbbbbbb.bbbb"
     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbddbbbbbbbbbbbdbbbbbbbbbbbbbbbbbddb"},
    {"wine", 24, 3, "manhattan",
     "fa....bbaa.b....b.....aa...b.ab...c.eca..acdecf.fb.b..f..bbgdh.hidggj..hg.ehm..g.j.gghgkd.ghg.i..hdh"
     "jkhhdiggid.ilhmhgimk...mmmigi...klddjg.ll.g...hnd....d.jg.dngdkdng.dj.ggdjj..k"},
    {"old_faithful", 1.05, 5, "euclidean",
     "abacabaababaababcababbaaaabaaaaa.aabbabaababaa.babaababaacaabababaaacaabaacabaaaaaacaaaabababacaaaba"
     "cabaababaaabaababababaabaabababababababaabaaabab.baacaaaa.bababa.acab.bba.aaabaabaaabaabababaaaaaaba"
     "baababaaba.aba.ab.bababaaaaaaaabababbaacabacaaba.abaaaaaaabaaaba.baababa"},
    {"old_faithful", 2.05, 20, "euclidean",
     "abababaababaababbababba.aabaaaaa.aabbabaababaa.babaababaa.aababab.aa.aabaababaaaaaa.aaaabababa.aaaba"
     "babaababaaabaabababab.abaabababababababaabaaabab.baa.aaaa.bababa.a.ab.bba.aaabaabaaabaabababaaaaaaba"
     "ba.babaaba.aba.ab.bababaaaaaaaabababbaa.aba.aaba.abaaaaaaabaaaba.baababa"},
    {"digits", 21, 8, "euclidean",
     "ah.d..bg..acfdeibg..acfd..b...a.k.b.a..j.ec.gd.caa..g..ac.bddgddebbbe.c.aj..s.aacgbdfc..bdcdj.gb.edh"
     "ea..bj.cgieeg.s..igj....e.a.jhacf..ibg.jacfde.bg.jac.de.bg.jajiibiaj.j.ecggdicaaffg.facfbdd..debbb.j"
     "cia....faac.bdf..d.djcgb.edceai.bjbcgi.egfh.fii.s.e.a.jsahfdekb.q.a.fdeibg..ahfdekb..jajk.b.aj...ehg"
     "gdkhaaffgqfacfbdd.ddebbbe.h.a.kfpfaahgbdf.gebdhd.hgb.edheakdb.bh.keegfpffkglie..ela..dacf.e.bm.jac.d"
     "e.bm.jacf.e.bm.ja.....a..j.ecm.d.caa.fm.fanf.ddmddebbbejc.aj.f.faacmbdfc..bdc.jc.b.edcea..b..cm..emf"
     ".f.imj......a.j.anfoe.b...an..ekbg..an..ekbg..a.kkbka....enggok.aa..g.fan.bo.g.oebbbe.nkajkf.faangbo"
     ".ngeb.no.ngb.eoheakob.bngk.e...f..gjke..eja.j.ahfde.bgplahfde.bg.lahfd.ib.plal.ib.ac.lpe....ihaa.fg."
     "..h.bddgdd.bbbelhtal...faahgbdf..ebdh..hgbsedh.a.dblbhgi..gf.ffigl.....lap..ahf..ibg.jahfdei.g..ahfd"
     "eibg..aj.ibia.qj.ehggdih.af...fanfbddg..eb..ejh.ajif.faahgbd.hgebdhdjhgb.edhea.dbjbhgieegfc.f..jie.."
     "e.a.j.nfdekbgpjanfdekb.pjanfd..bgpjajkkbkajpj.enggd.nfgpfanfbddg...bbbejnkajkfpfaangb.fn.bdn.jngbq.d"
     "n.ak.bjbngkeegfpffkgjkee.aqjpahfderbg..ah.de.bg..ahfdekbg..a.r.bra....eh.gdkh....fahfbdd.ddebbb..h.a"
     ".if..aah.bdfh.ebdh..hgb.edhea..b.bh..eegf..frg.te..e.a...acfde.bg..acfde.bg..ahfdeibg..ajk.b.aj.j.eh"
     "gg.tcaaffg.fahfbddgddebbbejhia.tf..aahgbd..gebdhdjhgb.edhe.idbjb.gieegf.f...jie..eja...a..dekbgs.a.f"
     "dekbgsja..detbg.jajktbkajsjsehggdthaa..gs.acfbddgddebbbejhtaj.fs.aacgbdfh.ebdhdjhgb.edhea.d..bhg.eeg"
     "..ff.g..ehse.a.acfdekbgqjacfdekbgqjacfde.bgqjajkkbkaj.jqe.ggdk.aaffg.facfbddgddebbbejckaj.f.faacgbdf"
     "cgebdcdjcgb.edceakdbjbcgkeegf.ffkgjke..e.a.j.ahfdei....ah..eib.ah.derb.......bia....ehg...haa.f.s.ah"
     "fb.....ebbb..hiaj...ahgbdfh..bdh..h.b.edhea.db.bhgieeg..i....e.a...a.f..kbg.jahf.e.bg.jahf.e.bg.jaj."
     ".b.aj.j..h.g..haaffg.fa.fb.....ebbb.jh.aj...faahgb.fh.ebdh.jhgb.e.h.akdbjbhg..egf.ff.gj.e.heja..."},
    {"lattice", 0.9, 4, "euclidean",
     "...............aaa.................aaa.............b..........c.......bbb........ccc...e..........dd"
     "..cc.eee.....ff...dd.....e.gg....fffhhdd.....iiggg...f.hh.....jjk.ii..l..........mjjk..nnlll........"
     "mm..k..nnn........p.moo..............pppoo.q......r...ss.pp....qq....rr....s.......qq....urv..s....."
     "...ttw...uuv..x........ttww..u.vvxx........t.ww..y....xz.........w..yy....zz............yy.....z...."},
    {"lattice", 0.75, 4, "chebyshev",
     "...............aaa.................aaa.............b..........c.......bbb.........cc...........ddd.."
     "..cc.........eeddd.....ff........ee........ffgg.................h.gg...i...........hh.....ii........"
     "j...h......i........jj...............k..jj.......mm...nnkkk....ll....mm....n.......ll.....m...noo..."
     "...ppq.......rr.o......ppqq......rr........ppqq......rr.........p...ss..................ss.........."},
    {"lattice", 1.2, 6, "manhattan",
     "...................................................................................................."
     "...................................................................................................."
     "...................................................................................................."
     "...................................................................................................."},
};
// clang-format on

}  // namespace dbscan_golden
