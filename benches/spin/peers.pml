/* The peers' machine (sim/tests/machines/peers.rs) for SPIN, rows e to h: N processes of one account with both fixes, so
   one section and one mark key; the last is a desktop program. CRASHES of them may be killed.

   spin -a -DN=4 -DCRASHES=1 peers.pml && gcc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan

   Each line of the loop is one atomic step. Sets of profiles and of processes are bits; a process's profile has its
   number. A count is its own process's alone, so it is a bit too. */

#ifndef N
#define N 3
#endif
#ifndef CRASHES
#define CRASHES 0
#endif

#define OPEN     0
#define LIST     1
#define CHECK    2
#define IDEL     3
#define IUNMARK  4
#define CREATE   5
#define BUMP     6
#define LREAD    7
#define DCHECK   8
#define DMARK    9
#define DDEL     10
#define OMS1     11
#define OMS2     12
#define DROP     13
#define RCHK     14
#define RDEL     15
#define RUNMARK  16
#define CLOSE    17
#define DONE     18
#define VIOLATED 19
#define CRASHED  20

#define OWN      (1 << _pid)
#define DESKTOP  (_pid == N - 1)
#define LOWEST   (todo & -todo)
#define REST     (todo & (todo - 1))
#define SWEPT(t) ((t) == 0 -> CREATE : CHECK)
#define EXISTS   (profiles & OWN)

byte profiles, marks, used, opened, crashes;

/* The last one out takes all counts along. */
#define LEAVE    opened = opened & (255 - OWN); used = (opened == 0 -> 0 : used)

active [N] proctype Process() {
    byte at = OPEN;
    byte todo = 0;
end:
    do
    :: d_step { at == OPEN -> opened = opened | OWN; at = LIST }
    :: d_step { at == LIST -> todo = marks; at = SWEPT(todo) }
    :: d_step { at == CHECK && (used & LOWEST) -> todo = REST; at = SWEPT(todo) }
    :: d_step { at == CHECK && !(used & LOWEST) -> at = IDEL }
    :: d_step { at == IDEL -> profiles = profiles & (255 - LOWEST); at = IUNMARK }
    :: d_step { at == IUNMARK -> marks = marks & (255 - LOWEST); todo = REST; at = SWEPT(todo) }
    :: d_step { at == CREATE -> profiles = profiles | OWN; at = BUMP }
    :: d_step { at == BUMP -> used = used | OWN; at = LREAD }
    :: d_step { at == LREAD && EXISTS -> at = (DESKTOP -> OMS2 : DCHECK) }
    :: d_step { at == DCHECK -> at = ((used & OWN) -> DMARK : DDEL) }
    :: d_step { at == DMARK -> marks = marks | OWN; at = OMS1 }
    :: d_step { at == DDEL -> profiles = profiles & (255 - OWN); at = OMS1 }
    :: d_step { at == OMS1 && EXISTS -> at = OMS2 }
    :: d_step { at == OMS2 && EXISTS -> at = DROP }
    :: d_step { (at == LREAD || at == OMS1 || at == OMS2) && !EXISTS -> at = VIOLATED; assert(false) }
    :: d_step { at == DROP -> used = used & (255 - OWN); at = RCHK }
    :: d_step { at == RCHK -> at = ((marks & OWN) -> RDEL : CLOSE) }
    :: d_step { at == RDEL -> profiles = profiles & (255 - OWN); at = RUNMARK }
    :: d_step { at == RUNMARK -> marks = marks & (255 - OWN); at = CLOSE }
    :: d_step { at == CLOSE -> LEAVE; at = DONE }
    :: d_step { at < DONE && crashes < CRASHES -> LEAVE; crashes++; todo = 0; at = CRASHED }
    od
}
