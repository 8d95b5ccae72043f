"""Slices that are hard to get right: each is run, and must compute what the whole notebook computes."""
# ruff: noqa: E501 - a row is a line

import json
import subprocess
import sys
from pathlib import Path

import pytest
from notebook_making import notebook_of

from nbpromote.analysis import analyse
from nbpromote.analysis.slices import slice_for

# the cells, and the name of which the value is wanted at the end
CASES: list[tuple[list[str], str]] = [
    (["class A:\n    def __init__(self): self._x = []\n    @property\n    def x(self):\n        self._x.append(1)\n        return self._x", "a = A()", "a.x", "n = len(a._x)"], "n"),
    (["class A:\n    def __init__(self): self._x = 0\n    @property\n    def x(self): return self._x\n    @x.setter\n    def x(self, v): self._x = v", "a = A()", "a.x = 5", "n = a.x"], "n"),
    (["log = []\nclass A:\n    @property\n    def x(self):\n        log.append(1)\n        return 1", "a = A()", "y = a.x", "n = len(log)"], "n"),
    (["class Ctx:\n    def __init__(self): self.seen = []\n    def __enter__(self):\n        self.seen.append('in')\n        return self\n    def __exit__(self, *e): self.seen.append('out')", "c = Ctx()", "with c: pass", "n = len(c.seen)"], "n"),
    (["from contextlib import contextmanager\nlog = []\n@contextmanager\ndef ctx():\n    log.append(1)\n    yield log\n    log.append(2)", "with ctx() as l: l.append(9)", "n = list(log)"], "n"),
    (["import contextlib, io\nbuf = io.StringIO()", "with contextlib.redirect_stdout(buf): print('hey')", "t = buf.getvalue()"], "t"),
    (["def gen(xs):\n    for x in xs: yield x", "data = [1,2]", "g = gen(data)", "data.append(3)", "out = list(g)"], "out"),
    (["state = []\ndef gen():\n    state.append(1)\n    yield 1\n    state.append(2)", "g = gen()", "next(g)", "next(g, None)", "n = list(state)"], "n"),
    (["g = (x*k for x in [1,2,3])", "k = 2", "a = next(g)", "k = 10", "b = list(g)"], "b"),
    (["class V:\n    def __init__(self): self.d = {}\n    def __setitem__(self, k, v): self.d[k] = v\n    def __getitem__(self, k): return self.d[k]", "v = V()", "v['a'] = 1", "v['b'] = 2", "n = v['a'] + v['b']"], "n"),
    (["class C:\n    n = 0\n    def __call__(self):\n        self.n += 1\n        return self.n", "c = C()", "c()", "v = c()"], "v"),
    (["seen = []\nclass A:\n    def __add__(self, o):\n        seen.append(o)\n        return self", "a = A()", "b = a + 3", "n = list(seen)"], "n"),
    (["class It:\n    def __init__(self): self.i = 0\n    def __iter__(self): return self\n    def __next__(self):\n        self.i += 1\n        if self.i > 3: raise StopIteration\n        return self.i", "it = It()", "first = [x for x in it]", "n = it.i"], "n"),
    (["class A:\n    def __init__(self): self.n = 0\n    def __len__(self):\n        self.n += 1\n        return 1", "a = A()", "len(a)", "v = a.n"], "v"),
    (["reg = {}\nclass Base:\n    def __init_subclass__(cls): reg[cls.__name__] = cls", "class X(Base): pass", "class Y(Base): pass", "n = sorted(reg)"], "n"),
    (["reg = []\nclass M(type):\n    def __new__(m, name, b, d):\n        reg.append(name)\n        return super().__new__(m, name, b, d)", "class X(metaclass=M): pass", "n = list(reg)"], "n"),
    (["reg = {}\ndef register(f):\n    reg[f.__name__] = f\n    return f", "@register\ndef a(): return 1", "@register\ndef b(): return 2", "n = sorted(reg)"], "n"),
    (["def memo(f):\n    cache = {}\n    def w(x):\n        if x not in cache: cache[x] = f(x)\n        return cache[x]\n    w.cache = cache\n    return w", "@memo\ndef sq(x): return x*x", "sq(3)", "sq(4)", "n = sorted(sq.cache)"], "n"),
    (["calls = []\ndef tag(name):\n    def deco(f):\n        calls.append(name)\n        return f\n    return deco", "@tag('x')\ndef f(): pass", "@tag('y')\nclass C: pass", "n = list(calls)"], "n"),
    (["class A:\n    def __init__(self): self.xs = []\n    def add(self, x): self.xs.append(x)", "class B(A):\n    def add2(self, x):\n        self.add(x)\n        self.add(x)", "b = B()", "b.add2(1)", "n = len(b.xs)"], "n"),
    (["class A:\n    def __init__(self): self.xs = []", "class B(A):\n    def __init__(self):\n        super().__init__()\n        self.ys = self.xs", "b = B()", "b.ys.append(1)", "n = len(b.xs)"], "n"),
    (["class A:\n    shared = []", "class B(A): pass", "B.shared.append(1)", "n = len(A.shared)"], "n"),
    (["class A:\n    shared = []", "a = A()", "a.shared.append(1)", "n = len(A.shared)"], "n"),
    (["fs = [lambda: i for i in range(3)]", "v = [f() for f in fs]"], "v"),
    (["fs = []\nfor i in range(3):\n    fs.append(lambda: i)", "i = 10", "v = [f() for f in fs]"], "v"),
    (["def make(n):\n    def f(): return n + extra\n    return f", "f = make(1)", "extra = 5", "v = f()"], "v"),
    (["def f(): return g()", "def g(): return 1", "def g(): return 2", "v = f()"], "v"),
    (["def setit(): globals()['q'] = 7", "setit()", "v = q"], "v"),
    (["code = 'z = 3'", "exec(code)", "v = z"], "v"),
    (["ns = {}", "exec('a = 1', ns)", "v = ns['a']"], "v"),
    (["def f():\n    global u\n    u = [1]", "f()", "u.append(2)", "v = len(u)"], "v"),
    (["x = 1", "def bump():\n    global x\n    x += 1\n    return x", "bump()", "y = 0", "bump()", "v = x"], "v"),
    (["import numpy as np\na = np.zeros((3,3))", "r = a[1]", "r += 5", "t = a.T", "t[0,1] = 9", "s = a.tolist()"], "s"),
    (["import numpy as np\na = np.zeros(4)", "b = a.reshape(2,2)", "b[0,0] = 1", "s = a.tolist()"], "s"),
    (["import numpy as np\na = np.arange(3)", "b = a.ravel()", "np.copyto(b, 7)", "s = a.tolist()"], "s"),
    (["import numpy as np\na = np.arange(3.)", "np.sqrt(a, out=a)", "s = a.tolist()"], "s"),
    (["d = {}", "d.setdefault('k', []).append(1)", "v = d['k']", "v.append(2)", "n = len(d['k'])"], "n"),
    (["a = [[0]*2 for _ in range(2)]", "row = a[0]", "row[0] = 1", "s = a"], "s"),
    (["from collections import deque\nq = deque()", "q.append(1)", "q.appendleft(2)", "s = list(q)"], "s"),
    (["from collections import Counter\nc = Counter()", "c.update('aab')", "c['z'] += 1", "s = sorted(c.items())"], "s"),
    (["d = {'a': 1}", "k = d.keys()", "d['b'] = 2", "s = sorted(k)"], "s"),
    (["xs = [1,2,3]", "a, *rest = xs", "rest.append(9)", "s = xs"], "s"),
    (["xs = [[1],[2]]", "a, b = xs", "a.append(5)", "s = xs"], "s"),
    (["xs = []", "def add(*args, **kw):\n    args[0].append(kw['v'])", "add(xs, v=1)", "n = len(xs)"], "n"),
    (["xs = []\nargs = (xs, 2)", "def add(t, v): t.append(v)", "add(*args)", "n = len(xs)"], "n"),
    (["cfg = {'t': []}", "def add(t, v=0): t.append(v)", "add(**cfg)", "n = len(cfg['t'])"], "n"),
    (["import heapq\nh = [3,1,2]", "heapq.heapify(h)", "heapq.heappush(h, 0)", "v = h[0]"], "v"),
    (["import bisect\nh = [1,3]", "bisect.insort(h, 2)", "v = list(h)"], "v"),
    (["import random\nxs = list(range(10))\nrandom.seed(3)", "random.shuffle(xs)", "v = xs"], "v"),
    (["xs = [3,1]", "from operator import methodcaller\nmethodcaller('sort')(xs)", "v = xs"], "v"),
    (["xs = [3,1]", "list.sort(xs)", "v = xs"], "v"),
    (["xs = [3,1]", "getattr(xs, 'sort')()", "v = xs"], "v"),
    (["xs = []", "list(map(xs.append, [1,2]))", "n = len(xs)"], "n"),
    (["xs = []", "[xs.append(i) for i in range(3)]", "n = len(xs)"], "n"),
    (["from functools import partial, reduce\nxs = []", "p = partial(xs.append, 4)", "p()", "n = len(xs)"], "n"),
    (["acc = {}", "from functools import reduce\nreduce(lambda a, b: a.update({b: 1}) or a, [1,2], acc)", "n = len(acc)"], "n"),
    (["import threading\nxs = []", "t = threading.Thread(target=lambda: xs.append(1)); t.start(); t.join()", "n = len(xs)"], "n"),
    (["from concurrent.futures import ThreadPoolExecutor\nxs = []", "def w(i): xs.append(i)", "with ThreadPoolExecutor() as ex: list(ex.map(w, [1,2]))", "n = sorted(xs)"], "n"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "def clean(d):\n    d = d.copy()\n    d['b'] = 1\n    return d", "out = clean(df)", "c = list(df.columns)"], "c"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "def clean(d):\n    d['b'] = 1\n    return d", "out = clean(df)", "out['c'] = 2", "c = list(df.columns)"], "c"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "dfs = {'x': df}", "dfs['x']['n'] = 3", "c = list(df.columns)"], "c"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "for n, d in {'x': df}.items():\n    d['n'] = 3", "c = list(df.columns)"], "c"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "df.index.name = 'i'", "n = df.index.name"], "n"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "df.loc[len(df)] = [9]", "n = len(df)"], "n"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "df.at[0,'a'] = 7", "n = df.a.sum()"], "n"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "x = df.pop('a')", "n = list(df.columns)"], "n"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "df.update(pd.DataFrame({'a':[5,6]}))", "n = df.a.tolist()"], "n"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "df.eval('b = a*2', inplace=True)", "n = list(df.columns)"], "n"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "df.attrs['k'] = 1", "n = df.attrs"], "n"),
    (["import pandas as pd\npd.set_option('display.max_rows', 3)", "n = pd.get_option('display.max_rows')"], "n"),
    (["import pandas as pd\ns = pd.Series([1,2])", "s.iloc[0] = 5", "s[5] = 1", "n = s.tolist()"], "n"),
    (["import pandas as pd\ndf = pd.DataFrame({'a':[1,2]})", "arr = df.values", "arr[0,0] = 99", "n = df.a.tolist()"], "n"),
    (["x = []", "try:\n    x.append(1)\n    raise ValueError\nexcept ValueError:\n    x.append(2)", "n = len(x)"], "n"),
    (["x = 0", "while x < 3:\n    x += 1", "n = x"], "n"),
    (["x = 5", "if x > 3:\n    y = 1\nelse:\n    y = 2", "x = 0", "n = y"], "n"),
    (["total = 0", "for i in range(3):\n    total += i", "n = total", "i = 100"], "n"),
    (["match [1, 2]:\n    case [a, b]: r = a + b", "n = r"], "n"),
    (["y = [z := 5, z + 1]", "n = z"], "n"),
    (["import os\nos.environ['Q1'] = 'a'", "os.environ.update(Q1='b')", "n = os.environ['Q1']"], "n"),
    (["import os\nd0 = os.getcwd()", "os.makedirs('sub', exist_ok=True)", "os.chdir('sub')", "open('f.txt','w').write('1')", "n = os.listdir('.')"], "n"),
    (["from pathlib import Path\np = Path('o'); p.mkdir(exist_ok=True)", "(p / 'a.txt').write_text('x')", "(p / 'b.txt').write_text('y')", "n = sorted(q.name for q in p.iterdir())"], "n"),
    (["import json\njson.dump({'a': 1}, open('c.json','w'))", "c = json.load(open('c.json'))"], "c"),
    (["import sqlite3\ncon = sqlite3.connect(':memory:')", "con.execute('create table t (a int)')", "con.execute('insert into t values (1)')", "n = con.execute('select count(*) from t').fetchone()[0]"], "n"),
    (["import warnings\nwarnings.simplefilter('error')", "try:\n    warnings.warn('x')\n    r = 0\nexcept UserWarning:\n    r = 1"], "r"),
    (["import decimal\ndecimal.getcontext().prec = 3", "n = str(decimal.Decimal(1)/3)"], "n"),
    (["import locale, sys\nsys.setrecursionlimit(5000)", "n = sys.getrecursionlimit()"], "n"),
    (["import sys\nsys.path.insert(0, 'zz')", "n = sys.path[0]"], "n"),
    (["import numpy as np\nnp.set_printoptions(precision=2)", "n = str(np.array([1.23456]))"], "n"),
    (["import logging\nlogging.getLogger('a').setLevel(10)", "n = logging.getLogger('a').level"], "n"),
    (["from types import SimpleNamespace as N\nn0 = N(a=1)", "n0.b = 2", "n = n0.b"], "n"),
    (["from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 0", "p = P()", "q = p", "q.x = 4", "n = p.x"], "n"),
    (["import copy\na = {'k': [1]}", "b = copy.copy(a)", "b['k'].append(2)", "n = a"], "n"),
    (["class S:\n    _i = None\n    def __new__(cls):\n        if cls._i is None:\n            cls._i = super().__new__(cls)\n            cls._i.v = 0\n        return cls._i", "a = S()", "b = S()", "b.v = 9", "n = a.v"], "n"),
    (["def outer():\n    data = []\n    def add(x): data.append(x)\n    def get(): return list(data)\n    return add, get", "add, get = outer()", "add(1)", "add(2)", "n = get()"], "n"),
    (["def outer():\n    data = {'n': 0}\n    class C:\n        def up(self): data['n'] += 1\n        def val(self): return data['n']\n    return C()", "c = outer()", "c.up()", "n = c.val()"], "n"),
    (["import itertools\nc = itertools.count()", "a = next(c)", "b = next(c)", "n = next(c)"], "n"),
    (["import itertools\na, b = itertools.tee(iter([1,2,3]))", "next(a)", "n = list(b)"], "n"),
    (["f = open('l.txt','w')", "f.write('a')", "f.write('b')", "f.close()", "n = open('l.txt').read()"], "n"),
    (["import csv\nf = open('m.csv','w', newline='')\nw = csv.writer(f)", "w.writerow([1,2])", "f.close()", "n = open('m.csv').read()"], "n"),
    (["import io\nb = io.BytesIO()", "import numpy as np\nnp.save(b, np.arange(3))", "b.seek(0)", "n = np.load(b).tolist()"], "n"),
    (["import pickle\nobj = {'a': 1}", "s = pickle.dumps(obj)", "obj['a'] = 2", "n = pickle.loads(s)"], "n"),
    (["import matplotlib.pyplot as plt\nfig, ax = plt.subplots()", "ax.set_title('t')", "n = ax.get_title()"], "n"),
    (["import matplotlib.pyplot as plt\nfig, axes = plt.subplots(2)", "for a in axes.flat: a.set_title('z')", "n = axes[0].get_title()"], "n"),
    (["xs = [1,2,3]", "del xs[0]", "n = xs"], "n"),
    (["d = {'a': 1, 'b': 2}", "d.pop('a')", "d |= {'c': 1}", "n = sorted(d)"], "n"),
    (["a = b = []", "a.append(1)", "n = len(b)"], "n"),
    (["xs = [1]", "ys = xs if True else []", "ys.append(2)", "n = len(xs)"], "n"),
    (["xs = []", "ys = xs or [1]", "zs = (xs, )[0]", "zs.append(1)", "n = len(xs)"], "n"),
    (["tree = {'l': {'l': {}}}", "def walk(t):\n    for k in list(t): walk(t[k])\n    t['seen'] = 1", "walk(tree)", "n = tree['l']['l']['seen']"], "n"),
    (["a=[1]", "b=a", "b.append(2)", "c=5", "a.append(c)"], "b"),
    (["import pandas as pd\ndf=pd.DataFrame({'x':[1,2],'y':[3,4]})", "s=df['x']", "df['z']=df.x*2", "t=df.z.sum()", "df.drop(columns='y',inplace=True)"], "t"),
    (["import pandas as pd\ndf=pd.DataFrame({'x':[1,2],'y':[3,4]})", "def add(d):\n    d['n']=1", "def look(d):\n    return d.shape", "add(df)", "z=look(df)", "q=1"], "z"),
    (["class A:\n    def __init__(self):\n        self.items=[]\n    def add(self,x):\n        self.items.append(x)\n        return self", "a=A()", "b=[a]", "a.add(1)", "b[0].add(2)", "n=len(a.items)", "u=0"], "n"),
    (["def counter():\n    n=0\n    def inc():\n        nonlocal n\n        n+=1\n        return n\n    return inc", "c=counter()", "c()", "c()", "v=c()"], "v"),
    (["total=0\ndef f(x):\n    global total\n    total+=x", "f(1)", "f(2)", "y=total"], "y"),
    (["import numpy as np\na=np.arange(10)", "b=a[2:5]", "b[:]=0", "c=a.sum()", "d=a.copy()", "d[0]=99", "e=a.sum()"], "e"),
    (["import numpy as np\na=np.arange(10)", "d=a.copy()", "d[0]=99", "e=a.sum()"], "e"),
    (["it=iter([1,2,3,4])", "next(it)", "list(zip(it,[9]))", "v=next(it)"], "v"),
    (["cfg={'a':{'b':1}}", "inner=cfg['a']", "inner['b']=2", "k=cfg['a']['b']"], "k"),
    (["import random\nrandom.seed(1)", "x=random.random()", "y=random.random()", "z=3"], "y"),
    (["import numpy as np\nrng=np.random.default_rng(0)", "a=rng.normal(size=3)", "b=rng.normal(size=3)"], "b"),
    (["def apply(f,x):\n    return f(x)", "acc=[]", "def push(v):\n    acc.append(v)", "apply(push,3)", "n=len(acc)"], "n"),
    (["xs=[3,1,2]", "ys=sorted(xs)", "xs.sort()", "print(xs)", "z=xs[0]"], "z"),
    (["xs=[3,1,2]", "ys=sorted(xs)", "m=max(xs)"], "ys"),
    (["from collections import defaultdict\nd=defaultdict(list)", "for w in ['a','bb']:\n    d[len(w)].append(w)", "k=len(d)", "d[5]", "n=len(d)"], "n"),
    (["x=1\nif x>0:\n    y=[]", "for i in range(3):\n    y.append(i)", "z=sum(y)"], "z"),
    (["import pandas as pd\ndf=pd.DataFrame({'x':[1,None]})", "for d in [df]:\n    d['q']=1", "df.fillna(0,inplace=True)", "z=df.x.sum()"], "z"),
    (["import pandas as pd\ndf=pd.DataFrame({'x':[1,2]})", "def tr(r):\n    return r.x*k", "k=3", "o=df.apply(tr,axis=1)", "k=10", "w=o.sum()"], "w"),
    (["f=lambda v: v+k", "k=2", "a=f(1)", "k=5", "b=f(1)"], "b"),
    (["data={}", "def load(n):\n    data[n]=n*2", "load(1)", "load(2)", "s=sum(data.values())"], "s"),
    (["import pandas as pd\npd.DataFrame({'a':[1,2]}).to_csv('x.csv',index=False)", "df=pd.read_csv('x.csv')", "s=df.a.sum()"], "s"),
    (["open('a.txt','w').write('1')", "open('a.txt','a').write('2')", "t=open('a.txt').read()"], "t"),
    (["P='d'", "import os\nos.makedirs(P,exist_ok=True)", "with open(os.path.join(P,'f.txt'),'w') as f:\n    f.write('x')", "n=len(os.listdir(P))"], "n"),
    (["class C:\n    count=0\n    def __init__(self):\n        C.count+=1", "C()", "C()", "n=C.count"], "n"),
    (["import functools\nhits=[]\ndef log(f):\n    @functools.wraps(f)\n    def w(*a):\n        hits.append(f.__name__)\n        return f(*a)\n    return w", "@log\ndef g(x):\n    return x", "g(1)", "n=len(hits)"], "n"),
    (["a,b=[1],[2]", "c=[a,b]", "for x in c:\n    x.append(0)", "n=len(a)"], "n"),
    (["s={1}", "t=s", "t|={2}", "n=len(s)"], "n"),
    (["a=[1]", "b=a+[2]", "b.append(3)", "n=len(a)"], "n"),
    (["a=[[1],[2]]", "b=a[:]", "b[0].append(5)", "n=len(a[0])"], "n"),
    (["a=[[1],[2]]", "import copy\nb=copy.deepcopy(a)", "b[0].append(5)", "n=len(a[0])"], "n"),
    (["import os\nos.environ['ZZ']='1'", "v=os.environ['ZZ']"], "v"),
    (["import pandas as pd\ndf=pd.DataFrame({'g':[1,1,2],'v':[1,2,3]})", "g=df.groupby('g')", "df['v']=df['v']*10", "r=df.groupby('g').v.sum().tolist()"], "r"),
    (["def gen():\n    yield from range(5)", "g=gen()", "next(g)", "x=[v for v in g]"], "x"),
    (["x=5", "del x", "x=6", "y=x"], "y"),
    (["try:\n    import nothere as q\nexcept ImportError:\n    q=None", "r=q is None"], "r"),
    (["stack=[]", "push=stack.append", "push(4)", "n=len(stack)"], "n"),
    (["from dataclasses import dataclass, field\n@dataclass\nclass P:\n    xs: list = field(default_factory=list)", "p=P()", "p.xs.append(1)", "n=len(p.xs)"], "n"),
    (["def default(x, acc=[]):\n    acc.append(x)\n    return acc", "default(1)", "n=len(default(2))"], "n"),
    (["m=map(str,[1,2,3])", "next(m)", "l=list(m)"], "l"),
    (["import numpy as np\na=np.zeros(3)", "np.add.at(a,[0],1)", "a+=1", "v=a.tolist()"], "v"),
    (["import pandas as pd\ndf=pd.DataFrame({'a':[2,1]})", "d2=df.sort_values('a')", "d2['b']=1", "d2.loc[0,'b']=7", "c=list(df.columns)"], "c"),
    (["import pandas as pd\ndf=pd.DataFrame({'a':[2,1]})", "df.columns=['z']", "c=list(df.columns)"], "c"),
    (["import pandas as pd\ndf=pd.DataFrame({'a':[2,1]})", "def pipe(d): return d.assign(b=1)", "df=df.pipe(pipe)", "c=list(df.columns)"], "c"),
    (["class Node:\n    def __init__(s,v): s.v=v; s.next=None", "a=Node(1)", "b=Node(2)", "a.next=b", "b.v=7", "n=a.next.v"], "n"),
    (["x=10\ndef outer():\n    def inner():\n        return x\n    return inner", "fn=outer()", "x=20", "y=fn()"], "y"),
    (["w=[]\nwith open('q.txt','w') as h:\n    h.write('hey')", "w.append(open('q.txt').read())", "v=w[0]"], "v"),
    (["import matplotlib\nmatplotlib.rcParams['lines.linewidth']=9", "z=matplotlib.rcParams['lines.linewidth']"], "z"),
    (["a=1", "exec('a=2')", "b=a"], "b"),
    (["a=1", "globals()['a']=5", "b=a"], "b"),
]  # fmt: skip

# Cells that the slices of all cases keep together; with more than this, something has become less sharp.
KEPT = 566

# Each program runs in a process of its own, in an empty folder: many of them change what they share.
RUNNER = """
import json, os, sys, tempfile
import numpy, pandas, matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot
for cells, name in json.load(sys.stdin):
    here, there = os.pipe()
    child = os.fork()
    if not child:
        os.chdir(tempfile.mkdtemp(dir=sys.argv[1]))
        sys.stdout = open(os.devnull, "w")
        space = {"__name__": "__main__"}
        try:
            for cell in cells:
                exec(compile(cell, "cell", "exec"), space)
            told = repr(space[name])
        except BaseException as error:
            told = f"failed: {error!r}"
        os.write(there, told.encode()[:60_000])
        os._exit(0)
    os.close(there)
    with open(here, "rb") as told:
        print(json.dumps(told.read().decode()), flush=True)
    os.waitpid(child, 0)
"""


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[str, str, int]]:
    """Of each case the value by all cells, by those of the slice, and how many those are."""
    programs: list[tuple[list[str], str]] = []
    counts: list[int] = []
    for cells, name in CASES:
        found = slice_for(analyse(notebook_of(*cells)), [], names=[name]).cells
        programs += [(cells, name), ([cells[int(cell_id[1:]) - 1] for cell_id in found], name)]
        counts.append(len(found))
    folder: Path = tmp_path_factory.mktemp("slices")
    ran = subprocess.run(
        [sys.executable, "-c", RUNNER, str(folder)],
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        check=True,
    )
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    return {
        index: (whole, sliced, count)
        for index, (whole, sliced, count) in enumerate(zip(told[::2], told[1::2], counts, strict=True))
    }


@pytest.mark.parametrize("index", range(len(CASES)), ids=lambda index: f"{index} {CASES[index][0][-2][:40]}")
def test_a_hard_slice_computes_what_the_whole_notebook_computes(
    index: int, values: dict[int, tuple[str, str, int]]
) -> None:
    whole, sliced, _ = values[index]
    assert not whole.startswith("failed")
    assert sliced == whole


def test_hard_slices_keep_little_that_is_not_needed(values: dict[int, tuple[str, str, int]]) -> None:
    assert sum(count for _, _, count in values.values()) <= KEPT
